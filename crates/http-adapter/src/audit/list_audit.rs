use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::audit::AuditApi;
use haat_application::shared::{NoAnswers, Permission};

use super::dto::{AuditLineDto, AuditPage};
use super::list_query::AuditQuery;
use crate::shared::{Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, answer};

/// The audit log
///
/// Who changed what, the newest entries first. Filters combine.
#[utoipa::path(
    tag = "Audit",
    operation_id = "listAudit",
    security(("bearer" = [])),
    params(
        ("entity" = Option<String>, Query, description = "A kind of thing", example = "retailer"),
        ("entityId" = Option<String>, Query, description = "One of them: a shop's uid, anything else's id", example = "RTL-0000042"),
        ("actor" = Option<String>, Query, description = "Who did it: id or username", example = "admin"),
        ("action" = Option<String>, Query, description = "What was done", example = "retailer.update"),
        ("from" = Option<String>, Query, description = "At this moment (RFC 3339) or later; a date is the beginning of that day in Dhaka", example = "2026-11-20"),
        ("to" = Option<String>, Query, description = "Before this moment; a date is the beginning of that day in Dhaka"),
        ("batch" = Option<i64>, Query, description = "A bulk change"),
        ("requestId" = Option<String>, Query, description = "The request that did it"),
        ("limit" = Option<u8>, Query, description = "The most entries of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = AuditPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/audit")]
pub(super) async fn list_audit(
    request: HttpRequest,
    api: web::Data<AuditApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ReadAudit)?;
    answer(&request, &NoAnswers, &caller.0, async || {
        let query = AuditQuery::parse(QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        let next = page.next.map(|key| query.cursor(key));
        let data = page.rows.iter().map(AuditLineDto::new).collect::<Result<_, _>>()?;
        let page = AuditPage { data, page: PageInfo::new(query.input.page.limit, next, None) };
        Plain::json(&page, None)
    })
    .await
}
