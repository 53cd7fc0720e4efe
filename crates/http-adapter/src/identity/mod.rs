//! Logging in.

mod dto;
mod errors;
mod get_me;
mod log_in;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(log_in::log_in).service(get_me::get_me);
}
