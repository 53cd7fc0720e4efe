use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::RetailerApi;
use haat_application::shared::{NoAnswers, Permission};
use haat_domain::shared::UserId;

use super::list_query::ListQuery;
use super::list_retailers::{RetailerPage, plain};
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, answer, path_id};

/// The shops of a sales representative
///
/// What they see themselves as `GET /retailers`, with the same parameters.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesRepRetailers",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, in English or Bangla", example = "স্টোর"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name", example = "Dhaka"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("sort" = Option<String>, Query, description = "`name`, `uid`, `points`, `updatedAt`; `-` before it reverses. Equal rows are in order of uid, in the same direction", example = "name"),
        ("limit" = Option<u8>, Query, description = "The most shops of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("page" = Option<i64>, Query, description = "A page by its number, from 1, instead of by cursor. Gives `page.total` too", minimum = 1),
        ("fields" = Option<String>, Query, description = "The members wanted, with commas between; all where it is absent", example = "uid,name,points"),
        ("includeTotal" = Option<bool>, Query, description = "Whether to count the whole list too, as `page.total`"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = RetailerPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such sales representative", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/sales-reps/{id}/retailers")]
pub(super) async fn list_rep_retailers(
    request: HttpRequest,
    api: web::Data<RetailerApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    // Kept answers are forgotten when the caller's own shops change, and these are another's.
    answer(&request, &NoAnswers, &caller.0, async || {
        let query = ListQuery::parse(QueryParams::of(&request)?.0)?;
        // What cannot be an id is nobody's.
        let rep = UserId::new(path_id(&id)?);
        plain(&query, &api.list_of_rep.execute(&caller.0, rep, &query.input).await?)
    })
    .await
}
