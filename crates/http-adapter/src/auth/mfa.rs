//! The second factor.

use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AnswerChallengeInput, AuthUseCases};
use haat_domain::auth::FactorCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::LogInResponse;
use haat_http_core::{
    ActivityCounter, AnyCaller, Caller, CallerEnrollingMfa, OwnRequest, Problem, RequestId, RevokingCaller,
    body, client_of, no_store,
};

/// A seed for an authenticator app, returned only once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaSeed)]
struct SeedDto<'a> {
    /// Seed to type into the app: Base32, for six digits every 30 seconds with HMAC-SHA-1 (RFC 6238).
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: &'a str,
    /// The seed as a URI, to show as a QR code.
    #[schema(example = "otpauth://totp/Haat:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Haat")]
    uri: &'a str,
}

/// An enabled second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaEnabled)]
struct EnabledDto<'a> {
    /// The new access token of the caller, whose other sessions have ended.
    #[serde(flatten)]
    logged_in: LogInResponse<'a>,
    /// Recovery codes for a lost app, returned only once. Each replaces a code one time.
    #[schema(example = json!(["k7mq-x3vd-9hzp-r2wt-b6nc-4gjs"]))]
    recovery_codes: Vec<&'a str>,
}

body! {
    /// A code of the authenticator app.
    struct CodeBody as "MfaCodeRequest" {
        /// Six digits; spaces between them are allowed.
        code: required secret = "287082",
    }
}

body! {
    /// The password of the caller.
    struct PasswordBody as "MfaEnrollRequest" {
        /// The current password.
        password: required secret = "Admin@12345",
    }
}

body! {
    /// Both factors of the caller.
    struct DisableBody as "MfaDisableRequest" {
        /// The current password.
        password: required secret = "Admin@12345",
        /// A code of the app, or a recovery code.
        code: required secret = "287082",
    }
}

body! {
    /// The second step of a login.
    struct ChallengeBody as "MfaChallengeRequest" {
        /// The `mfaToken` in the response to `POST /auth/login`.
        mfa_token: required secret = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ…",
        /// A code of the app, or a recovery code.
        code: required secret = "287082",
    }
}

/// Log in with the second factor
///
/// Completes a login after `POST /auth/login` returned `mfa-required`. Each code is accepted once, up to 30
/// seconds early or late. `mfaToken` is valid for five minutes. If the response is lost, send the same request again from
/// the same device within two minutes: it returns the same refresh token.
#[utoipa::path(
    tag = "Auth",
    operation_id = "answerMfaChallenge",
    request_body = ChallengeBody,
    responses(
        (status = 200, description = "Logged in", body = LogInResponse),
        (status = 401, description = "The code is incorrect, or mfaToken is invalid or has expired"),
        (status = 409, description = "The server has no key to decrypt seeds"),
        (status = 429, description = "Too many incorrect codes"),
        (status = 503, description = "Temporarily unavailable"),
    )
)]
#[post("/auth/mfa/challenge")]
async fn challenge(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: OwnRequest<AnyCaller, ChallengeBody>,
) -> Result<HttpResponse, Problem> {
    let ChallengeBody { mfa_token: token, code } = sent.body;
    let (code, client, request_id) = (code_of(&code), client_of(&request), RequestId::of(&request));
    let input = AnswerChallengeInput { token, code, client, request_id };
    let logged_in = api.answer_challenge.execute(input).await?;
    ActivityCounter::login(&request, logged_in.user.tenant, logged_in.user.id);
    Ok(LogInResponse::from(&logged_in).respond())
}

/// Enroll a second factor
///
/// Creates a seed for an authenticator app. Nothing changes until a code is verified with `POST
/// /auth/mfa/verify`; another enrollment replaces the seed. Also available to an administrator who must set
/// up a second factor before anything else.
#[utoipa::path(
    tag = "Auth",
    operation_id = "enrollMfa",
    security(("bearer" = [])),
    request_body = PasswordBody,
    responses(
        (status = 200, description = "The seed", body = SeedDto),
        (status = 409, description = "A second factor is already enabled, or the server has no key to encrypt seeds"),
    )
)]
#[post("/auth/mfa/enroll")]
async fn enroll(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: OwnRequest<CallerEnrollingMfa, PasswordBody>,
) -> Result<HttpResponse, Problem> {
    let (caller, request_id) = (&sent.caller.0, RequestId::of(&request));
    let seed = api.enroll_mfa.execute(caller, &sent.body.password, request_id).await?;
    let response = SeedDto { secret: seed.secret.expose_secret(), uri: seed.uri.expose_secret() };
    Ok(no_store(HttpResponse::Ok().json(response)))
}

/// Enable your second factor
///
/// Verifies with a code that the app has the seed of `POST /auth/mfa/enroll`. From then on a login requires a
/// code. Ends all other sessions of the caller and revokes all access tokens, including this one. The
/// response has new tokens of this session and the recovery codes. If the response is lost, send the same request again
/// within two minutes: it returns the same refresh token and other recovery codes, which replace the lost ones.
#[utoipa::path(
    tag = "Auth",
    operation_id = "verifyMfa",
    security(("bearer" = [])),
    request_body = CodeBody,
    responses(
        (status = 200, description = "Enabled", body = EnabledDto),
        (status = 409, description = "A second factor is already enabled, or enrollment was not started"),
    )
)]
#[post("/auth/mfa/verify")]
async fn verify(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: OwnRequest<RevokingCaller<CallerEnrollingMfa>, CodeBody>,
) -> Result<HttpResponse, Problem> {
    let code = code_of(&sent.body.code);
    let (actor, token) = (&sent.caller.actor, &sent.caller.token);
    let enabled = api.verify_mfa.execute((actor, token), code.as_ref(), RequestId::of(&request)).await?;
    let response = EnabledDto {
        logged_in: LogInResponse::from(&enabled.logged_in),
        recovery_codes: enabled.recovery_codes.iter().map(ExposeSecret::expose_secret).collect(),
    };
    Ok(no_store(HttpResponse::Ok().json(response)))
}

/// Disable your second factor
///
/// Requires both factors; a recovery code is accepted. Ends all other sessions of the caller and revokes all
/// access tokens, including this one. The response has new tokens of this session. If the response is lost, send the
/// same request again within two minutes. To move to another phone or to get new recovery codes, disable the second factor and set it
/// up again; if the tenant requires one, nothing else is allowed in between.
#[utoipa::path(
    tag = "Auth",
    operation_id = "disableMfa",
    security(("bearer" = [])),
    request_body = DisableBody,
    responses(
        (status = 200, description = "Disabled", body = LogInResponse),
        (status = 409, description = "No second factor is set up"),
    )
)]
#[post("/auth/mfa/disable")]
async fn disable(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: OwnRequest<RevokingCaller<Caller>, DisableBody>,
) -> Result<HttpResponse, Problem> {
    let DisableBody { password, code } = sent.body;
    let (code, request_id) = (code_of(&code), RequestId::of(&request));
    let caller = (&sent.caller.actor, &sent.caller.token);
    let logged_in = api.disable_mfa.execute(caller, &password, code.as_ref(), request_id).await?;
    Ok(LogInResponse::from(&logged_in).respond())
}

/// Parses a code. `None` for text that cannot be a code, which is treated like an incorrect code and not like an
/// invalid field.
fn code_of(code: &SecretString) -> Option<FactorCode> {
    FactorCode::parse(code.expose_secret())
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(challenge).service(enroll).service(verify).service(disable);
}
