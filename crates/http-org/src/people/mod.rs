//! Users and sales reps.

mod bodies;
mod credentials;
mod dto;
mod grant_body;
mod handlers;
mod rep_files;
mod rep_imports;
mod routes;
mod user_roles;

use haat_domain::people::UserState;
use haat_domain::shared::{Role, TextValue as _};
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{Context, Words};

/// Users and sales reps.
pub const CONTEXT: Context = Context {
    tags: &[("People", "Users, their roles, and sales reps")],
    routes,
    codes: haat_application::people::codes::CODES,
    words: &[
        Words::new("role", &[], Role::WORDS),
        Words::new("state", &["SalesRep", "UserAccount"], UserState::WORDS),
        Words::new("roles", &["UserAccount"], Role::WORDS),
        Words::new("scope", &["Role"], haat_application::people::ROLE_SCOPES),
        Words::new("code", &["Role"], Role::WORDS),
        Words::new("state", &["SalesRepImport"], &["QUEUED", "RUNNING", "SUCCEEDED", "PARTIAL", "FAILED"]),
        Words::new("passwords", &["SalesRepImport"], &["none", "available", "given"]),
    ],
    ..Context::EMPTY
};

/// Registers the routes. Those of files come before `/admin/sales-reps/{id}`, which would match them too.
fn routes(config: &mut ServiceConfig) {
    rep_files::routes(config);
    rep_imports::routes(config);
    routes::routes(config);
    credentials::routes(config);
    user_roles::routes(config);
}
