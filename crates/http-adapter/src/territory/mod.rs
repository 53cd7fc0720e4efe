//! The sales map.

mod aliases;
mod bodies;
mod dto;
mod name_language;
mod places;
mod routes;

use haat_domain::shared::TextValue as _;
use haat_domain::territory::{AliasedKind, NameLanguage};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

pub(crate) use name_language::name_language;

/// The sales map.
pub const CONTEXT: Context = Context {
    tags: &[("Map", "Regions, areas, territories and distributors")],
    routes,
    words: &[
        Words::new("kind", &["PlaceAlias"], AliasedKind::WORDS),
        Words::option("lang", NameLanguage::WORDS),
    ],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    routes::routes(config);
    aliases::routes(config);
}
