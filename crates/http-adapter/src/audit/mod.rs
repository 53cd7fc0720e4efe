//! The audit log.

mod dto;
mod list_audit;
mod list_query;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::Context;

/// The audit log.
pub const CONTEXT: Context =
    Context { tags: &[("Audit", "The log of all changes")], routes, ..Context::EMPTY };

fn routes(config: &mut ServiceConfig) {
    config.service(list_audit::list_audit);
}
