//! The settings of a tenant.

mod dto;
mod get_settings;
mod patch_settings;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_settings::get_settings).service(patch_settings::patch_settings);
}
