//! The audit log.

mod dto;
mod filter;

use actix_web::{HttpResponse, get, web};
use haat_application::audit::AuditUseCases;
use haat_application::shared::ReadAudit;
use haat_domain::audit::{AuditAction, AuditEntity, AuditKey};
use utoipa_actix_web::service_config::ServiceConfig;

use self::dto::AuditLineDto;
use self::filter::AuditParams;
use haat_http_core::{Context, ListRequest, PageOf, Problem, Words};

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
        (status = 200, description = "A page", body = PageOf<AuditLineDto>),
    )
)]
#[get("/admin/audit")]
async fn list_audit(
    api: web::Data<AuditUseCases>,
    list: ListRequest<ReadAudit, AuditKey, AuditParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.log.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, AuditLineDto::from)
}

/// The audit log.
pub const CONTEXT: Context = Context {
    tags: &[("Audit", "The log of all changes")],
    routes,
    words: &[Words::parameter("entity", AuditEntity::WORDS), Words::parameter("action", AuditAction::WORDS)],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config.service(list_audit);
}
