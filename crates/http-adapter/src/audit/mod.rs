//! The audit log.

mod dto;
mod list_audit;
mod list_query;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_audit::list_audit);
}
