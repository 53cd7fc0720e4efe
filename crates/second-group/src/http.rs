use actix_web::{HttpResponse, post, web};
use haat_http_core::{Body as _, Context, JsonBody, Problem, body};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::RequireMfa;
use crate::model::NoteText;
use crate::use_case::codes;

body! {
    /// A note.
    struct NoteBody as "NewNote" {
        /// The reason.
        text: required text NoteText,
    }
}

/// Require a second factor
///
/// Requires administrators to use a second factor.
#[utoipa::path(
    tag = "Notes",
    operation_id = "requireMfa",
    request_body = NoteBody,
    responses((status = 204, description = "Required"), (status = 409, description = "The note exists"))
)]
#[post("/notes")]
async fn require_mfa(api: web::Data<RequireMfa>, mut body: JsonBody) -> Result<HttpResponse, Problem> {
    let note = NoteBody::read(&mut body.fields);
    body.fields.finish()?;
    if let Some(note) = note {
        api.run(&note.text).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Notes over HTTP.
pub const CONTEXT: Context = Context {
    tags: &[("Notes", "Reasons for changed settings")],
    routes,
    codes: codes::CODES,
    ..Context::EMPTY
};

fn routes(config: &mut ServiceConfig) {
    config.service(require_mfa);
}
