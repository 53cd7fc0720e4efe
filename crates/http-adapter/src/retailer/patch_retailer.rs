use actix_web::{FromRequest as _, HttpRequest, HttpResponse, patch, web};
use haat_application::retailer::{FoundRetailer, RetailerUseCases, UpdateRetailerInput};
use haat_application::shared::{UpdateRetailers, WriteOptions};
use haat_domain::retailer::{Notes, Points, RetailerPatch, Routes};
use haat_domain::territory::NameLanguage;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use super::uid::Uid;
use haat_http_core::{
    BodyHash, Fields, JsonBody, Permit, Problem, RequestId, Target as _, expected_versions,
    idempotent_request, reject_params, respond, updated,
};

/// New values for a retailer. Absent members are left unchanged.
#[derive(Deserialize, ToSchema)]
#[schema(as = RetailerPatch)]
#[expect(
    dead_code,
    reason = "documents the body, which is parsed member by member to report all errors at once"
)]
struct RetailerPatchBody {
    /// Loyalty points.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 120, nullable = false)]
    points: Option<i64>,
    /// The routes on which the retailer is visited; `null` clears them.
    #[schema(max_items = 20, nullable)]
    routes: Option<Vec<String>>,
    /// Notes of the sales rep; `null` clears them.
    #[schema(max_length = 2000, nullable, example = "শুক্রবার বন্ধ")]
    notes: Option<String>,
}

/// Update a retailer
///
/// Applies a JSON merge patch (RFC 7396) to points, routes and notes. Concurrent changes of different members are all
/// kept; with `If-Match` the change is refused if the retailer was changed in between. A request with an
/// `Idempotency-Key` is applied once, however often it is sent.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "updateRetailer",
    security(("bearer" = [UpdateRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent", "versioned"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
    ),
    request_body(content = RetailerPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The updated retailer", body = RetailerDto),
        (status = 404, description = "Not found among the retailers of the caller"),
        (status = 422, description = "Invalid fields, or the Idempotency-Key was used for another request"),
    )
)]
#[patch("/retailers/{uid}")]
pub(super) async fn patch_retailer(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let allowed = Permit::<UpdateRetailers>::of(&request).await?;
    reject_params(&request)?;
    let body = JsonBody::from_request(&request, &mut payload.into_inner()).await?;
    let idempotent_request = idempotent_request(&request, || BodyHash::of_json(&body))?;
    let patch = parse(body.fields)?;
    let input = UpdateRetailerInput {
        uid: Uid::of(&request)?,
        patch,
        expected: expected_versions(&request)?,
        request_id: RequestId::of(&request),
        idempotent_request,
    };
    let render = |FoundRetailer { retailer, map }: &FoundRetailer| {
        updated(
            &WriteOptions::default(),
            &RetailerDto::new(retailer, map, NameLanguage::default()),
            Some(retailer.version),
        )
    };
    Ok(respond(&request, api.update.execute(&allowed, input, render).await?))
}

fn parse(mut body: Fields) -> Result<RetailerPatch, Problem> {
    let points = body.number("points", Points::parse);
    let routes = body.texts_or_cell("routes", |texts| match texts {
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

    fn parse_json(body: &serde_json::Value) -> Result<RetailerPatch, Problem> {
        parse(Fields::new(body.as_object().unwrap().clone()))
    }

    #[test]
    fn absent_members_are_unchanged_and_null_clears() {
        assert_eq!(parse_json(&json!({})).unwrap(), RetailerPatch::default());
        let cleared = parse_json(&json!({"routes": null, "notes": null})).unwrap();
        assert_eq!(
            (cleared.points, cleared.routes, cleared.notes),
            (None, Some(Routes::default()), Some(None))
        );
        let set = parse_json(&json!({"points": 7, "routes": ["A"], "notes": "x"})).unwrap();
        assert_eq!(set.points.map(Points::get), Some(7));
        assert_eq!(set.routes.unwrap().as_slice(), ["A"]);
        assert_eq!(set.notes.unwrap().unwrap().as_str(), "x");
        let cell = parse_json(&json!({"routes": "A | B;"})).unwrap();
        assert_eq!(cell.routes.unwrap().as_slice(), ["A", "B"]);
    }

    #[test]
    fn reports_all_invalid_fields_at_once() {
        for (body, expected) in [
            (json!({"points": null}), vec![("points", "required")]),
            (json!({"points": "7"}), vec![("points", "wrong-type")]),
            (json!({"points": 1.5}), vec![("points", "wrong-type")]),
            (json!({"points": -1}), vec![("points", "out-of-range")]),
            (json!({"points": 1e300}), vec![("points", "wrong-type")]),
            (json!({"points": u64::MAX}), vec![("points", "out-of-range")]),
            (json!({"routes": {"A": 1}}), vec![("routes", "wrong-type")]),
            (json!({"routes": "A;A"}), vec![("routes", "repeated")]),
            (json!({"routes": ["A", 1]}), vec![("routes", "wrong-type")]),
            (json!({"routes": ["A", "A"]}), vec![("routes", "repeated")]),
            (json!({"notes": 1}), vec![("notes", "wrong-type")]),
            (json!({"notes": "a\u{0}"}), vec![("notes", "invalid-characters")]),
            (
                json!({"points": -1, "notes": 1, "name": "x", "version": 2}),
                vec![
                    ("points", "out-of-range"),
                    ("notes", "wrong-type"),
                    ("name", "unknown-field"),
                    ("version", "unknown-field"),
                ],
            ),
        ] {
            let errors = parse_json(&body).unwrap_err().errors;
            let actual: Vec<_> = errors.iter().map(|error| (&*error.field, error.code)).collect();
            assert_eq!(actual, expected, "{body}");
        }
    }
}
