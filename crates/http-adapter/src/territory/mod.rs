//! The sales map.

mod aliases;
mod bodies;
mod dto;
mod places;
mod routes;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    routes::routes(config);
    aliases::routes(config);
}
