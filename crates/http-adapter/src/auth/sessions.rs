//! The sessions of the caller.

use actix_web::{FromRequest as _, HttpRequest, HttpResponse, delete, get, post, web};
use haat_application::auth::{AuthUseCases, LogOutInput};
use haat_application::shared::ChangeError;
use haat_domain::auth::{DeviceId, Session};
use haat_domain::shared::SessionId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{
    AnyCaller, Caller, CallerPendingPasswordChange, OptionalBody, OwnRequest, Problem, RequestId, Timestamp,
    body, client_of, codes,
};

/// A login on one device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct SessionDto<'a> {
    /// Id.
    id: String,
    /// Device id (`X-Device-Id`).
    #[schema(required = true, example = "3f1c0d9a")]
    device_id: Option<&'a str>,
    /// User agent (`User-Agent`).
    #[schema(required = true, example = "Haat/1.4 (Android 13)")]
    user_agent: Option<&'a str>,
    /// The time of the login.
    created_at: Timestamp,
    /// The time of the last refresh.
    last_used_at: Timestamp,
    /// The time at which the session ends unless it is refreshed.
    expires_at: Timestamp,
    /// True for the session of this request.
    current: bool,
}

/// The sessions of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
struct SessionListDto<'a> {
    /// The sessions, most recently used first.
    data: Vec<SessionDto<'a>>,
}

impl<'a> SessionDto<'a> {
    fn of(session: &'a Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.to_string(),
            device_id: session.device.as_ref().map(DeviceId::as_str),
            user_agent: session.user_agent.as_deref(),
            created_at: Timestamp(session.created_at),
            last_used_at: Timestamp(session.last_used_at),
            expires_at: Timestamp(session.expires_at()),
            current: current == Some(session.id),
        }
    }
}

/// List your sessions
///
/// Returns the sessions of the caller, most recently used first. At most 100.
#[utoipa::path(
    tag = "Auth",
    operation_id = "listSessions",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = SessionListDto))
)]
#[get("/auth/sessions")]
async fn list_sessions(
    api: web::Data<AuthUseCases>,
    own: OwnRequest<Caller>,
) -> Result<HttpResponse, Problem> {
    let sessions = api.list_sessions.execute(&own.caller.0).await?;
    let data = sessions.iter().map(|session| SessionDto::of(session, own.caller.0.session)).collect();
    Ok(HttpResponse::Ok().json(SessionListDto { data }))
}

/// End one of your sessions
///
/// Logs the caller out on one device and revokes all tokens of that session immediately.
#[utoipa::path(
    tag = "Auth",
    operation_id = "endSession",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "Session id", example = "01910a3e-7b1c-7000-8000-0123456789ab")),
    responses(
        (status = 204, description = "Ended"),
    )
)]
#[delete("/auth/sessions/{id}")]
async fn delete_session(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    own: OwnRequest<Caller>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let session = SessionId::parse(&id).ok_or(Problem::new(&codes::NOT_FOUND))?;
    api.end_session.execute(&own.caller.0, session, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}

body! {
    /// The session to end.
    struct LogOutBody as "LogOutRequest" {
        /// A refresh token of the session.
        refresh_token: optional secret = "hrt_AAAAAAAAAAEBkQ…",
    }
}

/// Log out
///
/// Ends a session and revokes all tokens of that session immediately: the session of `refreshToken` if it is sent,
/// otherwise that of the access token. With `refreshToken` no access token is needed, and one that has expired is ignored.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logOut",
    security(("bearer" = []), ()),
    request_body = Option<LogOutBody>,
    responses((status = 204, description = "Logged out"))
)]
#[post("/auth/logout")]
async fn log_out(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: Result<OwnRequest<AnyCaller, OptionalBody<LogOutBody>>, Problem>,
) -> Result<HttpResponse, Problem> {
    if let Ok(OwnRequest { body: LogOutBody { refresh_token: Some(token) }, .. }) = sent {
        let (client, request_id) = (client_of(&request), RequestId::of(&request));
        api.log_out.execute(LogOutInput { token, client, request_id }).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    // Without a refresh token, errors of the body are reported after those of the access token.
    let caller = CallerPendingPasswordChange::extract(&request).await?.0;
    sent?;
    let session = caller.session.ok_or(Problem::new(&codes::TOKEN_REVOKED))?;
    match api.end_session.execute(&caller, session, RequestId::of(&request)).await {
        // The session has been ended by another request.
        Ok(()) | Err(ChangeError::NotFound) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(log_out).service(list_sessions).service(delete_session);
}
