use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AnswerChallengeInput, AuthUseCases};

use super::code_of;
use super::dto::ChallengeBody;
use crate::auth::dto::LogInResponse;
use crate::shared::{JsonBody, NoParams, Problem, RequestId, client_of};

/// Log in with the second factor
///
/// Completes a login after `POST /auth/login` returned `mfa-required`. Each code is accepted once, up to 30
/// seconds early or late. `mfaToken` is valid for five minutes.
#[utoipa::path(
    tag = "Auth",
    operation_id = "answerMfaChallenge",
    request_body(content = ChallengeBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Logged in", body = LogInResponse),
        (status = 401, description = "The code is incorrect, or mfaToken is invalid or has expired"),
        (status = 409, description = "The server has no key to decrypt seeds"),
        (status = 429, description = "Too many incorrect codes"),
        (status = 503, description = "Temporarily unavailable"),
    )
)]
#[post("/auth/mfa/challenge")]
pub(super) async fn challenge(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let token = fields.text("mfaToken").unwrap_or_default().into();
    let code = code_of(&mut fields);
    fields.finish()?;
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    let input = AnswerChallengeInput { token, code, client, request_id };
    Ok(LogInResponse::from(&api.answer_challenge.execute(input).await?).respond())
}
