//! Teams and their members.

mod bodies;
mod dto;
mod members;
mod teams;

use haat_domain::people::UserState;
use haat_domain::shared::{Role, TextValue as _};
use haat_domain::team::TeamState;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

/// Teams and their members.
pub const CONTEXT: Context = Context {
    tags: &[("Teams", "Teams of sales reps, their leaders and their members")],
    routes,
    codes: haat_application::team::codes::CODES,
    words: &[
        Words::new("state", &["Team"], TeamState::WORDS),
        Words::new("role", &["TeamMember"], Role::WORDS),
        Words::new("state", &["TeamMember"], UserState::WORDS),
    ],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    members::routes(config);
    teams::routes(config);
}
