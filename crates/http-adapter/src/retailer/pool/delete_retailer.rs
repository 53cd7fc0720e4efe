use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::retailer::pool::{DeletionInput, PoolRetailerUseCases};
use haat_application::shared::{Idempotent, ManageRetailers, Permission};
use haat_domain::change::StoredResponse;
use haat_domain::retailer::RetailerUid;

use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{Caller, Problem, QueryParams, codes, expected_versions, write_options, write_response};

/// Delete a retailer
///
/// Removes the retailer from the pool and ends all its assignments at once. A deleted retailer keeps its uid, is listed
/// with `deleted=true` and can be restored. Deleting it again changes nothing.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "deleteRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "versioned"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
    ),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = PoolRetailerDto),
        (status = 204, description = "Deleted"),
    )
)]
#[delete("/admin/retailers/{uid}")]
pub(super) async fn delete_retailer(
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
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
    let input = DeletionInput { uid, expected: expected_versions(&request), write_options };
    let stored_response =
        |_: &_| StoredResponse { status: 204, location: None, etag: None, body: Vec::new() };
    match api.delete.execute(&caller.0, &input, &stored_response).await? {
        result @ Idempotent::Executed(_) if input.write_options.validate_only => {
            write_response(&request, result, to_response)
        }
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}
