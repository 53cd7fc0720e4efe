//! The retailer pool, for admins.

mod body;
mod create_retailer;
mod delete_retailer;
mod dto;
mod export_retailers;
mod get_pool_retailer;
mod list_pool;
mod pool_query;
mod update_pool_retailer;

pub(crate) use pool_query::pool_filter;

mod restore_retailer;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::retailer::list_rep_retailers::list_rep_retailers;
use crate::shared::Context;

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
        .service(create_retailer::create_retailer)
        // Registered before `/admin/retailers/{uid}`, which would match it too.
        .service(export_retailers::export_retailers)
        .service(get_pool_retailer::get_pool_retailer)
        .service(update_pool_retailer::update_pool_retailer)
        .service(delete_retailer::delete_retailer)
        .service(restore_retailer::restore_retailer);
}
