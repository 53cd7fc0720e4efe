//! Retailers: those of the caller, and for admins the whole pool.

mod dto;
mod fields;
mod get_retailer;
mod list_query;
mod list_rep_retailers;
mod list_retailers;
mod patch_retailer;
pub mod pool;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::Context;

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
        .service(list_retailers::list_retailers)
        .service(get_retailer::get_retailer)
        .service(patch_retailer::patch_retailer);
}
