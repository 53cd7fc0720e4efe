use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::office::{DeletionInput, OfficeRetailerApi};
use haat_application::shared::Permission;
use haat_domain::retailer::RetailerUid;

use super::dto::{OfficeRetailerDto, plain};
use crate::shared::{
    Caller, Code, Problem, ProblemBody, QueryParams, answer_of, change, expected_versions, receipt,
};

/// Restore a deleted shop
///
/// It is in the pool again as it was. Who served it does not do so again by that: assign it anew. A shop that is not
/// deleted stays as it is.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "restoreRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would be and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the shop as it was read, or its `version` in double quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 200, description = "The shop as it is now", body = OfficeRetailerDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such shop", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The shop has been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/{uid}/restore")]
pub(super) async fn restore_retailer(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, b"", &mut query)?;
    query.finish()?;
    // What cannot be a uid is no shop's.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
    let input = DeletionInput { uid, expected: expected_versions(&request), change };
    answer_of(&request, api.restore.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
