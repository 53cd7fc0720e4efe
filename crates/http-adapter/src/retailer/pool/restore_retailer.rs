use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::pool::{DeletionInput, PoolRetailerUseCases};
use haat_application::shared::{ManageRetailers, Permission};
use haat_domain::retailer::RetailerUid;

use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{
    Caller, Problem, QueryParams, codes, expected_versions, stored_response, write_options, write_response,
};

/// Restore a deleted retailer
///
/// Returns the retailer to the pool as it was, but not its assignments: assign it again. A retailer that is not deleted
/// is left unchanged.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "restoreRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
    ),
    responses(
        (status = 200, description = "The restored retailer", body = PoolRetailerDto),
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
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
    let input = DeletionInput { uid, expected: expected_versions(&request), write_options };
    write_response(
        &request,
        api.restore.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
