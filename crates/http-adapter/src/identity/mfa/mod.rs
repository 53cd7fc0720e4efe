//! The second factor.

mod challenge;
mod delete_user_mfa;
mod disable;
mod dto;
mod enroll;
mod errors;
mod verify;

use haat_domain::identity::FactorCode;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::Fields;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(challenge::challenge)
        .service(enroll::enroll)
        .service(verify::verify)
        .service(disable::disable)
        .service(delete_user_mfa::delete_user_mfa);
}

/// What was typed as `code`. What can be none is no fault of the request: it is answered like a wrong one.
fn code_of(fields: &mut Fields) -> Option<FactorCode> {
    fields.text("code").and_then(|code| FactorCode::parse(&code))
}
