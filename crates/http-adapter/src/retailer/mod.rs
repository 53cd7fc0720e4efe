//! Retailers: those of the caller, and for admins the whole pool.

mod dto;
mod fields;
mod list_query;
mod patch_retailer;
pub mod pool;
mod retailers;
mod uid;

use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::Context;

pub(crate) use pool::pool_filter;

/// Retailers, scoped to the caller.
pub const CONTEXT: Context = Context {
    tags: &[("Retailers", "The caller's retailers")],
    routes,
    codes: haat_application::retailer::codes::CODES,
    sparse: &["Retailer"],
    ..Context::EMPTY
};

/// Registers the routes for every caller, scoped to the caller's retailers.
fn routes(config: &mut ServiceConfig) {
    config
        .service(retailers::list_retailers)
        .service(retailers::get_retailer)
        .service(patch_retailer::patch_retailer);
}
