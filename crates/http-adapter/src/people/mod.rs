//! Users and sales reps.

mod bodies;
mod credentials;
mod dto;
mod handlers;
mod routes;

use haat_domain::people::UserState;
use haat_domain::shared::{Role, TextValue as _};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

/// Users and sales reps.
pub const CONTEXT: Context = Context {
    tags: &[("People", "Administrators and sales reps")],
    routes,
    codes: haat_application::people::codes::CODES,
    words: &[
        Words::new("role", &[], Role::WORDS),
        Words::new("state", &["Admin", "SalesRep"], UserState::WORDS),
    ],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    routes::routes(config);
    credentials::routes(config);
}
