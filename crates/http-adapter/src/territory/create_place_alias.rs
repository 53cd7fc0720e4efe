use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::shared::Permission;
use haat_application::territory::{CreatePlaceAliasInput, TerritoryUseCases};
use haat_domain::territory::{AliasedKind, PlaceAlias, PlaceName};

use super::alias_dto::{AliasBody, AliasDto};
use super::body::required_id;
use super::create_place::dry_run_response;
use super::dto::DryRunResult;
use crate::shared::{
    Caller, JsonBody, JsonResponse, Problem, ProblemBody, QueryParams, stored_response, write_options,
    write_response,
};

/// Create an alternative spelling
///
/// Search and import match the place by this spelling immediately. Names and spellings are unique among
/// sibling places of a kind.
#[utoipa::path(
    tag = "Map",
    operation_id = "createPlaceAlias",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    request_body(content = AliasBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`); `id` is `null`", body = DryRunResult),
        (status = 201, description = "Created", body = AliasDto),
        (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The place or a sibling already has this name, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/place-aliases")]
pub(super) async fn create_place_alias(
    request: HttpRequest,
    api: web::Data<TerritoryUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &bytes, &mut query)?;
    let kind = fields.required("kind", AliasedKind::parse);
    let place = required_id(&mut fields, "place");
    let alias = fields.required("alias", PlaceName::parse);
    fields.finish_with(query)?;
    let (Some(kind), Some(place), Some(alias)) = (kind, place, alias) else {
        return Err(Problem::internal("an invalid spelling without a recorded error"));
    };
    let dry_run = write_options.validate_only;
    let input = CreatePlaceAliasInput { kind, place, alias, write_options };
    let render = |alias: &PlaceAlias| {
        let view = AliasDto::from(alias);
        if dry_run {
            return dry_run_response(&view);
        }
        Ok(JsonResponse::json(&view, None)?.created(format!("/admin/place-aliases/{}", alias.id)))
    };
    write_response(
        &request,
        api.create_alias.execute(&caller.0, &input, &stored_response(render)).await?,
        render,
    )
}
