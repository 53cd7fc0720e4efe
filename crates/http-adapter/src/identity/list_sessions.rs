use actix_web::{HttpResponse, get, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::{DeviceId, Session, SessionId};
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
    /// What the device called itself (`X-Device-Id`).
    #[schema(required = true, example = "3f1c0d9a")]
    device_id: Option<&'a str>,
    /// What the program called itself (`User-Agent`).
    #[schema(required = true, example = "Haat/1.4 (Android 13)")]
    program: Option<&'a str>,
    /// When it began.
    created_at: Timestamp,
    /// When it was refreshed last.
    last_used_at: Timestamp,
    /// When it ends if nobody refreshes it.
    expires_at: Timestamp,
    /// Whether it is the one of this request.
    current: bool,
}

/// Somebody's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
struct SessionListDto<'a> {
    /// The last used first.
    data: Vec<SessionDto<'a>>,
}

impl<'a> SessionDto<'a> {
    fn of(session: &'a Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.to_string(),
            device_id: session.device.as_ref().map(DeviceId::as_str),
            program: session.program.as_deref(),
            created_at: Timestamp(session.created_at),
            last_used_at: Timestamp(session.last_used_at),
            expires_at: Timestamp(session.expires_at()),
            current: current == Some(session.id),
        }
    }
}

/// List my sessions
///
/// Where the caller is logged in: at most 100, the last used first.
#[utoipa::path(
    tag = "Auth",
    operation_id = "listSessions",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = SessionListDto))
)]
#[get("/auth/sessions")]
pub(super) async fn list_sessions(
    api: web::Data<IdentityApi>,
    caller: Caller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let sessions = api.list_sessions.execute(&caller.0).await?;
    let data = sessions.iter().map(|session| SessionDto::of(session, caller.0.session)).collect();
    Ok(HttpResponse::Ok().json(SessionListDto { data }))
}
