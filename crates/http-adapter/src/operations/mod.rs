//! Health checks and metrics.

mod health;
mod metrics;

use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

/// Health and metrics.
pub const CONTEXT: Context = Context {
    tags: &[("Operations", "Health and metrics")],
    routes,
    words: &[Words::new("status", &["Health"], &["up", "down"])],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config.service(health::live).service(health::ready).service(health::health).service(metrics::metrics);
}
