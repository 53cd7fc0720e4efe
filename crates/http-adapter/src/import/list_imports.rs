use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::import::ImportApi;
use haat_application::shared::Permission;
use haat_domain::shared::{ImportId, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::language;
use crate::shared::{
    Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, cursor_of, encode_cursor, limit, read_answer,
};

/// The name of the list, for its cursors.
const LIST: &str = "imports";

/// A page of imports.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportPage)]
struct ImportPage {
    /// The imports, the latest first; `sample` and `undo.changedRetailers` only in one by itself.
    data: Vec<ImportDto>,
    /// The page.
    page: PageInfo,
}

/// Imports
///
/// All files of shops that have ever been sent, the latest first.
#[utoipa::path(
    tag = "Import",
    operation_id = "listImports",
    security(("bearer" = [])),
    params(
        ("limit" = Option<u8>, Query, description = "The most imports of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = ImportPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/imports")]
pub(super) async fn list_imports(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = cursor_of::<i64>(LIST, cursor.as_deref())?.map(ImportId::new);
    let page = api.read.list(&caller.0, &PageRequest { limit, after, skip: 0 }).await?;
    let next = page.next.map(|id| encode_cursor(LIST, id.get()));
    let language = language(&request);
    let data = page.rows.iter().map(|import| ImportDto::new(import, language)).collect();
    let page = ImportPage { data, page: PageInfo::new(limit, next, None) };
    Ok(read_answer(&request, Plain::json(&page, None)?))
}
