//! Login, sessions, the own password and the second factor.

mod change_password;
mod dto;
mod get_me;
mod log_in;
mod mfa;
mod refresh;
mod sessions;

use haat_domain::people::UserState;
use haat_domain::shared::{Role, TextValue as _};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// Login, sessions, passwords and second factors.
pub const CONTEXT: Context = Context {
    tags: &[("Auth", "Login, sessions, own password and second factor")],
    routes,
    codes: haat_application::auth::codes::CODES,
    words: &[
        Words::new("tokenType", &["LogInResponse"], &["Bearer"]),
        Words::new("role", &["User"], dto::ROLES),
        Words::new("roles", &["User"], Role::WORDS),
        Words::new("state", &["User"], UserState::WORDS),
    ],
    problem_members: &[("mfaToken", || {
        let token = ObjectBuilder::new().schema_type(Type::String);
        let description = "Token for `POST /auth/mfa/challenge`; present with `mfa-required`.";
        token.description(Some(description)).into()
    })],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config
        .service(log_in::log_in)
        .service(refresh::refresh)
        .service(get_me::get_me)
        .service(change_password::change_password)
        .configure(sessions::routes)
        .configure(mfa::routes);
}
