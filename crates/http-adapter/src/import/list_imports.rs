use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::{ManageRetailers, Permission};
use haat_domain::shared::{ImportId, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::language;
use crate::shared::{
    Caller, JsonResponse, PageInfo, Problem, QueryParams, cursor_of, encode_cursor, limit, read_response,
};

/// The name of the list, which cursors are bound to.
const LIST: &str = "imports";

/// A page of imports.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportPage)]
struct ImportPage {
    /// The imports, newest first. `sample` and `undo.changedRetailers` are returned for a single import only.
    data: Vec<ImportDto>,
    /// Paging information.
    page: PageInfo,
}

/// List imports
///
/// Returns all imports of retailers, newest first.
#[utoipa::path(
    tag = "Import",
    operation_id = "listImports",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    responses(
        (status = 200, description = "A page of imports", body = ImportPage),
    )
)]
#[get("/admin/retailers/imports")]
pub(super) async fn list_imports(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = cursor_of::<i64>(LIST, cursor.as_deref())?.map(ImportId::new);
    let page = api.read.list(&caller.0, &PageRequest { limit, after }).await?;
    let next = page.next.map(|id| encode_cursor(LIST, id.get()));
    let language = language(&request);
    let data = page.rows.iter().map(|import| ImportDto::new(import, language)).collect();
    let page = ImportPage { data, page: PageInfo::new(limit, next, None) };
    Ok(read_response(&request, JsonResponse::json(&page, None)?))
}
