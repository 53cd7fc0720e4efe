//! Who serves which shop.

mod bulk_assign;
mod bulk_unassign;
mod dto;
mod errors;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(bulk_assign::bulk_assign).service(bulk_unassign::bulk_unassign);
}
