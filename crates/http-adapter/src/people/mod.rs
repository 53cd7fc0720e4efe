//! Users and sales reps.

mod create_sales_rep;
mod create_user;
mod delete_sales_rep;
mod delete_user;
mod delete_user_mfa;
mod delete_user_sessions;
mod get_sales_rep;
mod get_user;
mod handlers;
mod list_sales_reps;
mod list_users;
mod patch_sales_rep;
mod patch_user;
mod people_list;
mod person_body;
mod person_dto;
mod reset_password;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::{Context, Words};

/// Users and sales reps.
pub const CONTEXT: Context = Context {
    tags: &[("People", "Administrators and sales reps")],
    routes,
    codes: haat_application::people::codes::CODES,
    words: &[
        Words::new("role", &[], &["admin", "sales_rep"]),
        Words::new("state", &["Admin", "AdminPatch", "SalesRep", "SalesRepPatch"], &["active", "disabled"]),
    ],
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config
        .service(list_sales_reps::list_sales_reps)
        .service(create_sales_rep::create_sales_rep)
        .service(get_sales_rep::get_sales_rep)
        .service(patch_sales_rep::patch_sales_rep)
        .service(delete_sales_rep::delete_sales_rep)
        .service(list_users::list_users)
        .service(create_user::create_user)
        .service(get_user::get_user)
        .service(patch_user::patch_user)
        .service(delete_user::delete_user)
        .service(reset_password::reset_password)
        .service(delete_user_sessions::delete_user_sessions)
        .service(delete_user_mfa::delete_user_mfa);
}
