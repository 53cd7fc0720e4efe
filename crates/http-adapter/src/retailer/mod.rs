//! Retailers: those of the caller, and for admins the whole pool.

mod dto;
mod fields;
mod get_retailer;
mod list_query;
mod list_rep_retailers;
mod list_retailers;
mod patch_retailer;
mod pool;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use pool::pool_filter;

/// Registers the routes for every caller, scoped to the caller's retailers.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_retailers::list_retailers)
        .service(get_retailer::get_retailer)
        .service(patch_retailer::patch_retailer);
}

/// Registers the admin routes.
pub(crate) fn pool_routes(config: &mut ServiceConfig) {
    config.service(list_rep_retailers::list_rep_retailers);
    pool::routes(config);
}
