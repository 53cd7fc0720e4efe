use actix_web::{HttpResponse, get, web};
use haat_application::auth::AuthUseCases;
use haat_domain::auth::{DeviceId, Session};
use haat_domain::shared::SessionId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{Caller, NoParams, Problem, Timestamp};

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
pub(super) async fn list_sessions(
    api: web::Data<AuthUseCases>,
    caller: Caller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let sessions = api.list_sessions.execute(&caller.0).await?;
    let data = sessions.iter().map(|session| SessionDto::of(session, caller.0.session)).collect();
    Ok(HttpResponse::Ok().json(SessionListDto { data }))
}
