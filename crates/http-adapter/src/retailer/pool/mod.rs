//! The retailer pool, for admins.

mod body;
mod dto;
mod export_retailers;
mod list_pool;
mod pool_query;
mod pool_retailers;

pub(crate) use pool_query::pool_filter;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::retailer::retailers::list_rep_retailers;
use haat_http_core::Context;

/// The retailer pool.
pub const CONTEXT: Context = Context {
    tags: &[("Retailers (admin)", "All retailers of the tenant and their master data")],
    routes,
    sparse: &["PoolRetailer"],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config
        .service(list_rep_retailers)
        .service(list_pool::list_pool)
        // Registered before `/admin/retailers/{uid}`, which would match it too.
        .service(export_retailers::export_retailers);
    pool_retailers::routes(config);
}
