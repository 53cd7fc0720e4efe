use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::pool::{CreateRetailerInput, FoundInPool, PoolRetailerUseCases};
use haat_application::shared::Permission;

use super::body::{NewRetailerBody, new_retailer};
use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{
    Caller, JsonBody, JsonResponse, Problem, ProblemBody, QueryParams, stored_response, write_options,
    write_response,
};

/// Create a retailer
///
/// Area and region follow from the territory. The new retailer is not assigned to any sales rep. A deleted retailer
/// keeps its uid: restore it instead.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "createRetailer",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    request_body(content = NewRetailerBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = PoolRetailerDto),
        (status = 201, description = "Created", body = PoolRetailerDto),
        (status = 403, description = "Requires permission `manage-retailers`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another retailer has this uid, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
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
