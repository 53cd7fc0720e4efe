use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::pool::{DeletionInput, PoolRetailerUseCases};
use haat_application::shared::Permission;
use haat_domain::retailer::RetailerUid;

use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{
    Caller, Code, Problem, ProblemBody, QueryParams, expected_versions, stored_response, write_options,
    write_response,
};

/// Restore a deleted retailer
///
/// Returns the retailer to the pool as it was, but not its assignments: assign it again. A retailer that is not deleted
/// is left unchanged.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "restoreRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("If-Match" = Option<String>, Header, description = "The ETag the caller read; the request fails with 412 if it is stale"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    responses(
        (status = 200, description = "The restored retailer", body = PoolRetailerDto),
        (status = 403, description = "Requires permission `manage-retailers`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The If-Match version is stale", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/{uid}/restore")]
pub(super) async fn restore_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    caller: Caller,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, b"", &mut query)?;
    query.finish()?;
    // A malformed uid matches no retailer.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
    let input = DeletionInput { uid, expected: expected_versions(&request), write_options };
    write_response(
        &request,
        api.restore.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
