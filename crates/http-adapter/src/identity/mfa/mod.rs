//! The second factor.

mod challenge;
mod delete_user_mfa;
mod disable;
mod dto;
mod enroll;
mod errors;
mod verify;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(challenge::challenge)
        .service(enroll::enroll)
        .service(verify::verify)
        .service(disable::disable)
        .service(delete_user_mfa::delete_user_mfa);
}
