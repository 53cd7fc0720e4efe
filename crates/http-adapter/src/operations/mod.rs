//! Health checks and metrics.

mod health;
mod metrics;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(health::live).service(health::ready).service(health::health).service(metrics::metrics);
}
