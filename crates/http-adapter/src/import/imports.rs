//! Imports: their state, their errors, and the operations on them.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::ManageRetailers;
use haat_domain::import::{Import, ImportId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::ImportDto;
use super::{location, options_without_dry_run};
use haat_http_core::job::{error_file, language};
use haat_http_core::{
    JsonResponse, ListRequest, PageOf, Problem, ReadRequest, RequestId, accepted, read_response, respond,
    updated,
};

/// List imports
///
/// Returns all imports of retailers, newest first. `sample` and `undo.changedRetailers` are returned for a single import
/// only.
#[utoipa::path(
    tag = "Import",
    operation_id = "listImports",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    responses(
        (status = 200, description = "A page of imports", body = PageOf<ImportDto>),
    )
)]
#[get("/admin/retailers/imports")]
async fn list_imports(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    list: ListRequest<ManageRetailers, ImportId>,
) -> Result<HttpResponse, Problem> {
    let page = api.read.list(&list.allowed, &list.query.page).await?;
    let language = language(&request);
    list.respond(&page, |import| ImportDto::new(import, language))
}

/// Get an import
///
/// Returns the state and row counts of an import. `processed` is always the sum of the four counts after it. In the
/// state `READY` (a dry run that has checked all rows), `preview` has the counts that applying would produce, and
/// `sample` has some of the rows.
#[utoipa::path(
    tag = "Import",
    operation_id = "getImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the import")),
    responses(
        (status = 200, description = "The import", body = ImportDto),
    )
)]
#[get("/admin/retailers/imports/{id}")]
async fn get_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    read: ReadRequest<ManageRetailers, i64>,
) -> Result<HttpResponse, Problem> {
    let found = api.read.one(&read.allowed, ImportId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&ImportDto::of_one(&found, language(&request)), None)?)
}

/// List the failed rows of an import
///
/// Returns all rows with errors as CSV. Each row has its original cells, its number (the first after the header is 1)
/// and its errors: code, column and message in English and Bangla. The corrected file can be imported as it is.
#[utoipa::path(
    tag = "Import",
    operation_id = "listImportErrors",
    security(("bearer" = [ManageRetailers::NAME])),
    params(("id" = i64, Path, description = "Id of the import")),
    responses(
        (status = 200, description = "A CSV file", body = String, content_type = "text/csv"),
        (status = 404, description = "Not found, or the file is no longer stored"),
    )
)]
#[get("/admin/retailers/imports/{id}/errors")]
async fn list_import_errors(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    read: ReadRequest<ManageRetailers, i64>,
) -> Result<HttpResponse, Problem> {
    let id = ImportId::new(read.target);
    let file = api.errors.execute(&read.allowed, id).await?;
    Ok(error_file(&format!("import-errors-{id}.csv"), file, RequestId::of(&request)))
}

/// Apply an import
///
/// Writes the rows of a dry run in the state `READY`, exactly as they were validated, to the pool as it is at that
/// time. Applying an import again while it is being applied changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "applyImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the import"),
    ),
    responses(
        (status = 202, description = "Accepted; follow the import at `Location`", body = ImportDto),
        (status = 409, description = "The import is not `READY`"),
    )
)]
#[post("/admin/retailers/imports/{id}/apply")]
async fn apply_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    change: ReadRequest<ManageRetailers, i64>,
) -> Result<HttpResponse, Problem> {
    let (options, language) = (options_without_dry_run(&request)?, language(&request));
    let render = |import: &Import| accepted(&ImportDto::new(import, language), location(import));
    let id = ImportId::new(change.target);
    Ok(respond(&request, api.apply.execute(&change.allowed, id, &options, render).await?))
}

/// Cancel an import
///
/// Stops the import after the rows that are being written. Rows that were written before are kept, and can be undone.
/// Cancelling an import again changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "cancelImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the import"),
    ),
    responses(
        (status = 200, description = "The import", body = ImportDto),
        (status = 409, description = "The import has ended"),
    )
)]
#[post("/admin/retailers/imports/{id}/cancel")]
async fn cancel_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    change: ReadRequest<ManageRetailers, i64>,
) -> Result<HttpResponse, Problem> {
    let (options, language) = (options_without_dry_run(&request)?, language(&request));
    let render = |import: &Import| updated(&options, &ImportDto::new(import, language), None);
    let id = ImportId::new(change.target);
    Ok(respond(&request, api.cancel.execute(&change.allowed, id, &options, render).await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_imports)
        .service(get_import)
        .service(list_import_errors)
        .service(apply_import)
        .service(cancel_import);
}
