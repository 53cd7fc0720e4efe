//! Tenants and their settings.

mod bodies;
mod dto;
mod settings;
mod tenants;

use haat_domain::shared::TextValue as _;
use haat_domain::tenancy::TenantState;
use haat_http_core::{Context, Words};
use utoipa_actix_web::service_config::ServiceConfig;

/// Tenants and their settings.
pub const CONTEXT: Context = Context {
    tags: &[("Tenants", "Companies that use this server"), ("Settings", "Settings of the tenant")],
    routes,
    words: &[Words::new("state", &["Tenant", "CreatedTenant"], TenantState::WORDS)],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    settings::routes(config);
    tenants::routes(config);
}
