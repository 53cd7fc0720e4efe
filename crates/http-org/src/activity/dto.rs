use chrono::NaiveDate;
use haat_application::activity::{ActivityRows, ReportedActivity};
use haat_domain::activity::{ActivityGroup, ActivitySum, ActivityTotals};
use haat_domain::audit::AuditLine;
use haat_domain::auth::{DeviceId, Session};
use haat_domain::shared::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp};

/// Counts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivityTotals)]
pub(super) struct TotalsDto {
    /// The number of requests.
    #[schema(example = 140)]
    requests: i64,
    /// The number of successful requests that may change data: all methods but GET and HEAD.
    #[schema(example = 12)]
    changes: i64,
    /// The number of logins.
    #[schema(example = 1)]
    logins: i64,
    /// The time of the first request or login.
    #[schema(required = true)]
    first_at: Option<Timestamp>,
    /// The time of the last request or login.
    #[schema(required = true)]
    last_at: Option<Timestamp>,
}

impl From<&ActivityTotals> for TotalsDto {
    fn from(totals: &ActivityTotals) -> Self {
        Self {
            requests: totals.requests,
            changes: totals.changes,
            logins: totals.logins,
            first_at: totals.first_at.map(Timestamp),
            last_at: totals.last_at.map(Timestamp),
        }
    }
}

/// A user with activity.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveUser)]
pub(super) struct UserDto<'a> {
    /// Id.
    #[schema(example = 7)]
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: &'a str,
    /// Name.
    name: &'a str,
}

/// The sums of a user, day, role or team. The member with the name of the grouping is set, the others are `null`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivitySum)]
pub(super) struct ActivitySumDto<'a> {
    /// The user.
    #[schema(required = true)]
    user: Option<UserDto<'a>>,
    /// The day in the time zone of the tenant.
    #[schema(required = true, format = Date, example = "2026-11-20")]
    day: Option<String>,
    /// The role: the highest of each user at present.
    #[schema(required = true, example = "sales_rep")]
    role: Option<&'static str>,
    /// The team: that of each user at present; also `null` for the sums of users without a team.
    #[schema(required = true)]
    team: Option<NamedRefDto<'a>>,
    /// The number of users with activity.
    #[schema(example = 1)]
    users: i64,
    /// The sums.
    totals: TotalsDto,
    /// The time at which a session of these users was last used, whatever the days; `null` for days.
    #[schema(required = true)]
    last_session_at: Option<Timestamp>,
}

impl<'a> From<&'a ActivitySum> for ActivitySumDto<'a> {
    fn from(sum: &'a ActivitySum) -> Self {
        let mut dto = Self {
            user: None,
            day: None,
            role: None,
            team: None,
            users: sum.users,
            totals: TotalsDto::from(&sum.totals),
            last_session_at: sum.last_session_at.map(Timestamp),
        };
        match &sum.group {
            ActivityGroup::User(id, username, name) => {
                dto.user = Some(UserDto { id: id.get(), username, name });
            }
            ActivityGroup::Day(day) => dto.day = Some(day.to_string()),
            ActivityGroup::Role(role) => dto.role = Some(role.as_str()),
            ActivityGroup::Team(id, name) => {
                dto.team = Some(NamedRefDto { id: id.get(), name: name.as_str().into() });
            }
            ActivityGroup::NoTeam => {}
        }
        dto
    }
}

/// A day with activity.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveDay)]
pub(super) struct DayDto {
    /// The day in the time zone of the tenant.
    #[schema(format = Date, example = "2026-11-20")]
    day: String,
    /// The counts.
    totals: TotalsDto,
}

impl From<&(NaiveDate, ActivityTotals)> for DayDto {
    fn from((day, totals): &(NaiveDate, ActivityTotals)) -> Self {
        Self { day: day.to_string(), totals: TotalsDto::from(totals) }
    }
}

/// An entry of the audit log by the user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivityEntry)]
pub(super) struct EntryDto<'a> {
    /// Id of the audit entry.
    id: i64,
    /// The time of the change.
    occurred_at: Timestamp,
    /// The action.
    #[schema(example = "retailer.update")]
    action: &'a str,
    /// The type of the changed entity.
    #[schema(example = "retailer")]
    entity: &'a str,
    /// The changed entity: the uid of a retailer, the id of any other entity.
    #[schema(required = true, example = "RTL-0000042")]
    entity_id: Option<&'a str>,
    /// The name of the entity.
    #[schema(required = true, example = "Maa Store")]
    entity_name: Option<&'a str>,
    /// Id of the request.
    #[schema(required = true)]
    request_id: Option<&'a str>,
}

impl<'a> From<&'a AuditLine> for EntryDto<'a> {
    fn from(line: &'a AuditLine) -> Self {
        Self {
            id: line.key.id,
            occurred_at: Timestamp(line.key.at),
            action: &line.action,
            entity: &line.entity,
            entity_id: line.entity_id.as_deref(),
            entity_name: line.entity_name.as_deref(),
            request_id: line.request_id.as_deref(),
        }
    }
}

/// An active session of the user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivitySession)]
pub(super) struct SessionDto<'a> {
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
}

impl<'a> From<&'a Session> for SessionDto<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            id: session.id.to_string(),
            device_id: session.device.as_ref().map(DeviceId::as_str),
            user_agent: session.user_agent.as_deref(),
            created_at: Timestamp(session.created_at),
            last_used_at: Timestamp(session.last_used_at),
        }
    }
}

/// The activity of a user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserActivity)]
pub(super) struct UserActivityDto<'a> {
    /// User id.
    #[schema(example = 7)]
    id: i64,
    /// The first day.
    #[schema(format = Date, example = "2026-11-01")]
    from: String,
    /// The last day.
    #[schema(format = Date, example = "2026-11-30")]
    to: String,
    /// The sums of these days.
    totals: TotalsDto,
    /// The time at which a session was last used, whatever the days.
    #[schema(required = true)]
    last_session_at: Option<Timestamp>,
    /// The days with activity, the earliest first.
    days: Vec<DayDto>,
    /// The last entries of the audit log by the user on these days, the newest first, at most 50; `null` without the permission
    /// `read-audit`. `GET /admin/audit?actor=` lists all of them, with values.
    #[schema(required = true)]
    entries: Option<Vec<EntryDto<'a>>>,
    /// The active sessions, the most recently used first; `null` without the permission `read-audit`.
    #[schema(required = true)]
    sessions: Option<Vec<SessionDto<'a>>>,
}

impl<'a> UserActivityDto<'a> {
    pub(super) fn of(user: UserId, reported: &'a ReportedActivity) -> Self {
        let ReportedActivity { days, activity, rows } = reported;
        let entries = |rows: &'a ActivityRows| rows.entries.iter().map(EntryDto::from).collect();
        let sessions = |rows: &'a ActivityRows| rows.sessions.iter().map(SessionDto::from).collect();
        Self {
            id: user.get(),
            from: days.start().to_string(),
            to: days.end().to_string(),
            totals: TotalsDto::from(&activity.sum.totals),
            last_session_at: activity.sum.last_session_at.map(Timestamp),
            days: activity.days.iter().map(DayDto::from).collect(),
            entries: rows.as_ref().map(entries),
            sessions: rows.as_ref().map(sessions),
        }
    }
}
