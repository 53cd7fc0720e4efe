//! Login, sessions, second factors, users and settings.

mod change_password;
mod create_sales_rep;
mod create_user;
mod delete_sales_rep;
mod delete_session;
mod delete_user;
mod delete_user_sessions;
mod dto;
mod get_me;
mod get_sales_rep;
mod get_user;
mod list_sales_reps;
mod list_sessions;
mod list_users;
mod log_in;
mod log_out;
mod mfa;
mod patch_sales_rep;
mod patch_user;
mod people;
mod people_list;
mod person_body;
mod person_dto;
mod refresh;
mod reset_password;
mod settings;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(log_in::log_in)
        .service(refresh::refresh)
        .service(log_out::log_out)
        .service(get_me::get_me)
        .service(change_password::change_password)
        .service(list_sessions::list_sessions)
        .service(delete_session::delete_session)
        .configure(mfa::routes)
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
        .configure(settings::routes);
}
