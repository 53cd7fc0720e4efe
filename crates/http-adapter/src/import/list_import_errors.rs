use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::import::{ErrorFile, ImportUseCases};
use haat_application::shared::{ManageRetailers, Permission};

use super::import_id;
use crate::shared::{Caller, NoParams, Problem, RequestId};

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
pub(super) async fn list_import_errors(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let id = import_id(&id)?;
    let file = api.errors.execute(&caller.0, id).await?;
    let name = format!("attachment; filename=\"import-errors-{id}.csv\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(parts(file, RequestId::of(&request))))
}

/// Streams the parts. Each part is read after the client has taken the previous one.
fn parts(file: ErrorFile, request_id: String) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    stream::try_unfold((file, request_id), async |(mut file, request_id)| {
        let part = file.next().await.inspect_err(|failure| {
            // The response has already started, so the error is logged here.
            tracing::error!(id = request_id, %failure, "error file stream failed");
        });
        let part = part.map_err(Problem::from)?;
        Ok(part.map(|part| (web::Bytes::from(part), (file, request_id))))
    })
}
