use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::retailer::office::{DeletionInput, OfficeRetailerApi};
use haat_application::shared::{Done, Permission};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::Receipt;

use super::dto::{OfficeRetailerDto, plain};
use crate::shared::{Caller, Code, Problem, ProblemBody, QueryParams, answer_of, change, expected_versions};

/// Delete a shop
///
/// Takes it out of the pool and away from everybody who serves it, at once. It keeps its uid, can be seen with
/// `deleted=true` and restored. Deleting it again changes nothing.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "deleteRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would be and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the shop as it was read, or its `version` in double quotes"),
    ),
    responses(
        (status = 200, description = "The shop as it would be, for `validateOnly`", body = OfficeRetailerDto),
        (status = 204, description = "It is deleted"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such shop", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The shop has been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/retailers/{uid}")]
pub(super) async fn delete_retailer(
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
    let receipt = |_: &_| Receipt { status: 204, location: None, etag: None, body: Vec::new() };
    match api.delete.execute(&caller.0, &input, &receipt).await? {
        done @ Done::Now(_) if input.change.validate_only => answer_of(&request, done, plain),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}
