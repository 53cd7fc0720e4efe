use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use haat_application::retailer::pool::{FoundInPool, PoolRetailerUseCases};
use haat_application::shared::{ManageRetailers, ReadPool, Rendered, WriteOptions};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{NewRetailerBody, PoolRetailerPatchBody};
use super::dto::PoolRetailerDto;
use crate::retailer::uid::Uid;
use crate::territory::name_language;
use haat_http_core::{
    ChangeRequest, JsonResponse, Permit, Problem, QueryParams, Target as _, created, deleted, read_response,
    respond, updated,
};

/// Renders a changed retailer.
fn render(options: &WriteOptions, found: &FoundInPool) -> Rendered {
    updated(options, &PoolRetailerDto::from(found), Some(found.pool_retailer.retailer.version))
}

/// Get a retailer of the pool
///
/// Returns the retailer, deleted or not, with the sales reps who serve it.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminGetRetailer",
    security(("bearer" = [ReadPool::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("lang" = Option<String>, Query, description = "Language of the names of places; English where a place has no name in Bangla"),
    ),
    responses((status = 200, description = "The retailer", body = PoolRetailerDto))
)]
#[get("/admin/retailers/{uid}")]
async fn get_pool_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    Permit(allowed): Permit<ReadPool>,
) -> Result<HttpResponse, Problem> {
    let uid = Uid::of(&request)?;
    let mut query = QueryParams::of(&request)?.0;
    let language = name_language(&mut query);
    query.finish()?;
    let FoundInPool { pool_retailer, map } = api.retailers.get(&allowed, &uid).await?;
    let dto = PoolRetailerDto::new(&pool_retailer, &map, language);
    read_response(&request, JsonResponse::json(&dto, Some(pool_retailer.retailer.version))?)
}

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
async fn create_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    change: ChangeRequest<ManageRetailers, NewRetailerBody>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = change;
    let render = |found: &FoundInPool| {
        let retailer = &found.pool_retailer.retailer;
        let location = format!("/admin/retailers/{}", retailer.uid);
        created(&options, &PoolRetailerDto::from(found), Some(retailer.version), location)
    };
    Ok(respond(&request, api.retailers.create(&allowed, &body, &options, render).await?))
}

/// Update the master data of a retailer
///
/// Applies a JSON merge patch (RFC 7396). The uid never changes; area and region follow from the territory. A patch
/// with the current values changes nothing.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminUpdateRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042")),
    request_body(content = PoolRetailerPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The updated retailer", body = PoolRetailerDto),
        (status = 409, description = "The retailer is deleted"),
    )
)]
#[patch("/admin/retailers/{uid}")]
async fn update_pool_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    change: ChangeRequest<ManageRetailers, PoolRetailerPatchBody, Uid>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    let update = api.retailers.update(&allowed, &target, &body, &options, |found| render(&options, found));
    Ok(respond(&request, update.await?))
}

/// Delete a retailer
///
/// Removes the retailer from the pool and ends all its assignments at once. A deleted retailer keeps its uid, is listed
/// with `deleted=true` and can be restored. Deleting it again changes nothing.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "deleteRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "versioned"]))),
    params(("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042")),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = PoolRetailerDto),
        (status = 204, description = "Deleted"),
    )
)]
#[delete("/admin/retailers/{uid}")]
async fn delete_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    change: ChangeRequest<ManageRetailers, (), Uid>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, options, .. } = change;
    let render =
        |found: &FoundInPool| if options.validate_only { render(&options, found) } else { deleted() };
    Ok(respond(&request, api.retailers.delete(&allowed, &target, &options, render).await?))
}

/// Restore a deleted retailer
///
/// Returns the retailer to the pool as it was, but not its assignments: assign it again. A retailer that is not deleted
/// is left unchanged.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "restoreRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042")),
    responses((status = 200, description = "The restored retailer", body = PoolRetailerDto))
)]
#[post("/admin/retailers/{uid}/restore")]
async fn restore_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    change: ChangeRequest<ManageRetailers, (), Uid>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, options, .. } = change;
    let restoration = api.retailers.restore(&allowed, &target, &options, |found| render(&options, found));
    Ok(respond(&request, restoration.await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(create_retailer)
        .service(get_pool_retailer)
        .service(update_pool_retailer)
        .service(delete_retailer)
        .service(restore_retailer);
}
