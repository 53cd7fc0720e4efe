use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::import::{ErrorFile, ImportApi};
use haat_application::shared::Permission;

use super::import_id;
use crate::shared::{Caller, NoParams, Problem, ProblemBody, RequestId};

/// The rows of a file that have errors
///
/// All of them, as they were, in CSV, with their number (the first after the header is 1) and what is wrong with each beside
/// them: a code, the column, and the same in English and Bangla. Corrected, the file can be sent again as it is.
#[utoipa::path(
    tag = "Import",
    operation_id = "listImportErrors",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The import")),
    responses(
        (status = 200, description = "A file", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import, or its file is no longer kept", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/imports/{id}/errors")]
pub(super) async fn list_import_errors(
    request: HttpRequest,
    api: web::Data<ImportApi>,
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

/// The parts, each read once the client has taken the one before.
fn parts(file: ErrorFile, request_id: String) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    stream::try_unfold((file, request_id), async |(mut file, request_id)| {
        let part = file.next().await.inspect_err(|failure| {
            // The edge has given the answer away by now, so it is told here.
            tracing::error!(id = request_id, %failure, "a file of errors broke off");
        });
        let part = part.map_err(Problem::from)?;
        Ok(part.map(|part| (web::Bytes::from(part), (file, request_id))))
    })
}
