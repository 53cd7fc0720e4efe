//! The second factor.

mod challenge;
mod disable;
mod dto;
mod enroll;
mod verify;

use haat_domain::auth::FactorCode;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::shared::Fields;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(challenge::challenge)
        .service(enroll::enroll)
        .service(verify::verify)
        .service(disable::disable);
}

/// Reads `code`. `None` for text that cannot be a code, which is treated like an incorrect code and not like
/// an invalid field.
fn code_of(fields: &mut Fields) -> Option<FactorCode> {
    fields.text("code").and_then(|code| FactorCode::parse(&code))
}
