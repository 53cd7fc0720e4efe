//! Shops: the caller's, and for the office all.

mod dto;
mod errors;
mod fields;
mod get_retailer;
mod list_query;
mod list_rep_retailers;
mod list_retailers;
mod office;
mod patch_retailer;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use dto::NamedDto;
pub(crate) use list_query::parse_place;
pub(crate) use office::pool_filter;

/// What representatives ask.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(list_retailers::list_retailers)
        .service(get_retailer::get_retailer)
        .service(patch_retailer::patch_retailer);
}

/// What the office asks.
pub(crate) fn office_routes(config: &mut ServiceConfig) {
    config.service(list_rep_retailers::list_rep_retailers);
    office::routes(config);
}
