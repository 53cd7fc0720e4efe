use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::shared::Permission;
use haat_application::territory::{CreatePlaceAliasInput, TerritoryApi};
use haat_domain::territory::{AliasedKind, PlaceAlias, PlaceName};

use super::alias_dto::{AliasBody, AliasDto};
use super::body::required_id;
use super::create_place::on_trial;
use super::dto::Trial;
use crate::shared::{Caller, JsonBody, Plain, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

/// Another spelling of a place
///
/// Filters and files find the place by it at once. No two places of one kind that lie side by side are called the same.
#[utoipa::path(
    tag = "Map",
    operation_id = "createPlaceAlias",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = AliasBody, content_type = "application/json"),
    responses(
        (status = 200, description = "With `validateOnly`: what would be, its `id` being `null`", body = Trial),
        (status = 201, description = "It is there; `Location` says where", body = AliasDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The place, or another one beside it, is called so already, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/place-aliases")]
pub(super) async fn create_place_alias(
    request: HttpRequest,
    api: web::Data<TerritoryApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &bytes, &mut query)?;
    let kind = fields.required("kind", AliasedKind::parse);
    let place = required_id(&mut fields, "place");
    let alias = fields.required("alias", PlaceName::parse);
    fields.finish_with(query)?;
    let (Some(kind), Some(place), Some(alias)) = (kind, place, alias) else {
        return Err(Problem::internal("a spelling with a fault that was not told"));
    };
    let trial = change.validate_only;
    let input = CreatePlaceAliasInput { kind, place, alias, change };
    let plain = |alias: &PlaceAlias| {
        let shown = AliasDto::from(alias);
        if trial {
            return on_trial(&shown);
        }
        Ok(Plain::json(&shown, None)?.created(format!("/admin/place-aliases/{}", alias.id)))
    };
    answer_of(&request, api.create_alias.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
