use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::retailer::office::{CreateRetailerInput, FoundInPool, OfficeRetailerApi};
use haat_application::shared::Permission;

use super::body::{NewRetailerBody, new_retailer};
use super::dto::{OfficeRetailerDto, plain};
use crate::shared::{Caller, JsonBody, Plain, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

/// Add a shop
///
/// Area and region are those of the territory. Nobody serves the new shop yet. A deleted shop keeps its uid: restore it
/// instead.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "createRetailer",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would be and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = NewRetailerBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The shop as it would be, for `validateOnly`", body = OfficeRetailerDto),
        (status = 201, description = "The new shop; `Location` says where", body = OfficeRetailerDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another shop has this uid, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers")]
pub(super) async fn create_retailer(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let body = body?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &body.bytes, &mut query)?;
    let shop = new_retailer(body.fields, query)?;
    let input = CreateRetailerInput { shop, change };
    let made = if input.change.validate_only { plain } else { created };
    answer_of(&request, api.create.execute(&caller.0, &input, &receipt(made)).await?, made)
}

fn created(found: &FoundInPool) -> Result<Plain, Problem> {
    Ok(plain(found)?.created(format!("/admin/retailers/{}", found.shop.retailer.uid)))
}
