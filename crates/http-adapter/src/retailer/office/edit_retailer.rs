use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::retailer::office::{EditRetailerInput, OfficeRetailerApi};
use haat_application::shared::Permission;
use haat_domain::retailer::RetailerUid;

use super::body::{RetailerEditBody, edit};
use super::dto::{OfficeRetailerDto, plain};
use crate::shared::{
    Caller, Code, JsonBody, Problem, ProblemBody, QueryParams, answer_of, change, expected_versions, receipt,
};

/// Edit a shop
///
/// A JSON merge patch (RFC 7396) of its master data. The uid never changes; area and region follow the territory. What is
/// already so is no change.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "editRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would be and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the shop as it was read, or its `version` in double quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = RetailerEditBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The shop as it is now", body = OfficeRetailerDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such shop", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The shop is deleted, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The shop has been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/retailers/{uid}")]
pub(super) async fn edit_retailer(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let body = body?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &body.bytes, &mut query)?;
    let edit = edit(body.fields, query)?;
    // What cannot be a uid is no shop's.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
    let input = EditRetailerInput { uid, edit, expected: expected_versions(&request), change };
    answer_of(&request, api.edit.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
