use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::audit::AuditUseCases;
use haat_application::shared::{NoCache, Permission, ReadAudit};

use super::dto::{AuditLineDto, AuditPage};
use super::list_query::AuditQuery;
use crate::shared::{Caller, JsonResponse, PageInfo, Problem, QueryParams, cached_response};

/// List audit entries
///
/// Returns all changes with their actors, newest first. Filters are combined with AND.
#[utoipa::path(
    tag = "Audit",
    operation_id = "listAudit",
    security(("bearer" = [ReadAudit::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("entity" = Option<String>, Query, description = "Entity type", example = "retailer"),
        ("entityId" = Option<String>, Query, description = "Uid of a retailer, id of any other entity", example = "RTL-0000042"),
        ("actor" = Option<String>, Query, description = "Id or username of the actor", example = "admin"),
        ("action" = Option<String>, Query, description = "Action", example = "retailer.update"),
        ("from" = Option<String>, Query, description = "Earliest time, inclusive (RFC 3339); a date stands for the start of that day in Dhaka", example = "2026-11-20"),
        ("to" = Option<String>, Query, description = "Latest time, exclusive (RFC 3339); a date stands for the start of that day in Dhaka"),
        ("batch" = Option<i64>, Query, description = "Batch id"),
        ("requestId" = Option<String>, Query, description = "Request id"),
    ),
    responses(
        (status = 200, description = "A page", body = AuditPage),
    )
)]
#[get("/admin/audit")]
pub(super) async fn list_audit(
    request: HttpRequest,
    api: web::Data<AuditUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ReadAudit)?;
    cached_response(&request, &NoCache, &caller.0, async || {
        let query = AuditQuery::parse(QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        let next = page.next.map(|key| query.cursor(key));
        let data = page.rows.iter().map(AuditLineDto::new).collect::<Result<_, _>>()?;
        let page = AuditPage { data, page: PageInfo::new(query.input.page.limit, next, None) };
        JsonResponse::json(&page, None)
    })
    .await
}
