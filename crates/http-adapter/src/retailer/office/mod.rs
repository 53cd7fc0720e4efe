//! Shops for the office.

mod body;
mod create_retailer;
mod delete_retailer;
mod dto;
mod edit_retailer;
mod errors;
mod export_retailers;
mod get_pool_retailer;
mod list_pool;
mod pool_query;

pub(crate) use pool_query::pool_filter;

mod restore_retailer;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_pool::list_pool)
        .service(create_retailer::create_retailer)
        // Before the shop of any uid.
        .service(export_retailers::export_retailers)
        .service(get_pool_retailer::get_pool_retailer)
        .service(edit_retailer::edit_retailer)
        .service(delete_retailer::delete_retailer)
        .service(restore_retailer::restore_retailer);
}
