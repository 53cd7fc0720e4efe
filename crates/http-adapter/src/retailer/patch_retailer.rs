use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::retailer::{FoundRetailer, RetailerApi, UpdateRetailerInput};
use haat_domain::retailer::{Notes, Points, RetailerPatch, RetailerUid, Routes};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use crate::shared::{
    Caller, Code, Fields, JsonBody, NoParams, Plain, Problem, ProblemBody, RequestId, answer_of,
    expected_versions, once, receipt,
};

/// New values for a shop. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = RetailerPatch)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member to tell everything wrong at once"
)]
struct RetailerPatchBody {
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 120, nullable = false)]
    points: Option<i64>,
    /// The routes on which it is visited; `null` clears them.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// What the representative wrote down; `null` clears it.
    #[schema(max_length = 2000, nullable, example = "শুক্রবার বন্ধ")]
    notes: Option<String>,
}

/// Update one shop
///
/// Points, routes and notes, as a JSON merge patch (RFC 7396). Two people who change different members at once both
/// keep theirs; with `If-Match` the change is refused if the shop has been changed since. A change with an
/// `Idempotency-Key` is made once, however often it is sent.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "updateRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the shop as it was read, or its `version` in double quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = RetailerPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The shop as it is now", body = RetailerDto),
        (status = 404, description = "No such shop among the caller's", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The shop has been changed since", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A member is unknown or wrong, or the `Idempotency-Key` was used for something else", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/retailers/{uid}")]
pub(super) async fn patch_retailer(
    request: HttpRequest,
    api: web::Data<RetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let once = once(&request, &body.bytes)?;
    let patch = parse(body.fields)?;
    // What cannot be a uid is no shop's.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
    let input = UpdateRetailerInput {
        uid,
        patch,
        expected: expected_versions(&request),
        request_id: RequestId::of(&request),
        once,
    };
    answer_of(&request, api.update.execute(&caller.0, input, &receipt(plain)).await?, plain)
}

fn plain(found: &FoundRetailer) -> Result<Plain, Problem> {
    Plain::json(&RetailerDto::new(&found.retailer, &found.map), Some(found.retailer.version))
}

fn parse(mut body: Fields) -> Result<RetailerPatch, Problem> {
    let points = body.number("points", Points::parse);
    let routes = body.texts("routes", |texts| match texts {
        Some(texts) => Routes::parse(texts.iter().map(String::as_str)),
        None => Ok(Routes::default()),
    });
    let notes = body.nullable_text("notes", |text| match text {
        Some(text) => Notes::parse(text),
        None => Ok(None),
    });
    body.finish()?;
    Ok(RetailerPatch { points, routes, notes })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(body: &serde_json::Value) -> Result<RetailerPatch, Problem> {
        parse(Fields::new(body.as_object().unwrap().clone()))
    }

    #[test]
    fn absent_is_unchanged_and_null_is_cleared() {
        assert_eq!(of(&json!({})).unwrap(), RetailerPatch::default());
        let cleared = of(&json!({"routes": null, "notes": null})).unwrap();
        assert_eq!(
            (cleared.points, cleared.routes, cleared.notes),
            (None, Some(Routes::default()), Some(None))
        );
        let set = of(&json!({"points": 7, "routes": ["A"], "notes": "x"})).unwrap();
        assert_eq!(set.points.map(Points::get), Some(7));
        assert_eq!(set.routes.unwrap().as_slice(), ["A"]);
        assert_eq!(set.notes.unwrap().unwrap().as_str(), "x");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        for (body, faults) in [
            (json!({"points": null}), vec![("points", "required")]),
            (json!({"points": "7"}), vec![("points", "wrong-type")]),
            (json!({"points": 1.5}), vec![("points", "wrong-type")]),
            (json!({"points": -1}), vec![("points", "invalid")]),
            (json!({"points": 1e300}), vec![("points", "wrong-type")]),
            (json!({"points": u64::MAX}), vec![("points", "invalid")]),
            (json!({"routes": "A"}), vec![("routes", "wrong-type")]),
            (json!({"routes": ["A", 1]}), vec![("routes", "wrong-type")]),
            (json!({"routes": ["A", "A"]}), vec![("routes", "invalid")]),
            (json!({"notes": 1}), vec![("notes", "wrong-type")]),
            (json!({"notes": "a\u{0}"}), vec![("notes", "invalid")]),
            (
                json!({"points": -1, "notes": 1, "name": "x", "version": 2}),
                vec![
                    ("points", "invalid"),
                    ("notes", "wrong-type"),
                    ("name", "unknown-field"),
                    ("version", "unknown-field"),
                ],
            ),
        ] {
            let errors = of(&body).unwrap_err().errors;
            let found: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
            assert_eq!(found, faults, "{body}");
        }
    }
}
