use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::pool::{CreateRetailerInput, FoundInPool, PoolRetailerUseCases};
use haat_application::shared::{ManageRetailers, Permission};

use super::body::{NewRetailerBody, new_retailer};
use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{
    Caller, JsonBody, JsonResponse, Problem, QueryParams, stored_response, write_options, write_response,
};

/// Create a retailer
///
/// Area and region follow from the territory. The new retailer is not assigned to any sales rep. A deleted retailer
/// keeps its uid: restore it instead.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "createRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body(content = NewRetailerBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = PoolRetailerDto),
        (status = 201, description = "Created", body = PoolRetailerDto),
        (status = 409, description = "Another retailer has this uid"),
    )
)]
#[post("/admin/retailers")]
pub(super) async fn create_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let body = body?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &body.bytes, &mut query)?;
    let pool_retailer = new_retailer(body.fields, query)?;
    let input = CreateRetailerInput { pool_retailer, write_options };
    let respond = if input.write_options.validate_only { to_response } else { created };
    write_response(&request, api.create.execute(&caller.0, &input, &stored_response(respond)).await?, respond)
}

fn created(found: &FoundInPool) -> Result<JsonResponse, Problem> {
    Ok(to_response(found)?.created(format!("/admin/retailers/{}", found.pool_retailer.retailer.uid)))
}
