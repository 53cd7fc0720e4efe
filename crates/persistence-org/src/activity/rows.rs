use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::Queryable;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz};
use haat_domain::activity::{
    ActivityGroup, ActivityKey, ActivitySum, ActivityTotals, Grouping, UserActivity,
};
use haat_domain::shared::{StorageFailure, TeamId, UserId};

use crate::shared::{inconsistent, role};

/// The columns of a [`SumRow`], in its order.
pub(super) type Columns = (
    BigInt,
    Nullable<Text>,
    Nullable<Text>,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
);

/// The sums of one group.
#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct SumRow {
    key: i64,
    /// The username or the role.
    word: Option<String>,
    /// The name of the user or team.
    name: Option<String>,
    users: i64,
    requests: i64,
    changes: i64,
    logins: i64,
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
    last_session_at: Option<DateTime<Utc>>,
}

impl SumRow {
    pub(super) fn of(self, grouping: Grouping) -> Result<ActivitySum, StorageFailure> {
        let missing = |column| inconsistent("user_activity", column, "has an unexpected value");
        let group = match (grouping, self.word, self.name) {
            (Grouping::User, Some(username), Some(name)) => {
                ActivityGroup::User(UserId::new(self.key), username, name)
            }
            (Grouping::User, ..) => return Err(missing("user_id")),
            (Grouping::Day, ..) => ActivityGroup::Day(day(self.key).ok_or_else(|| missing("day"))?),
            (Grouping::Role, word, _) => ActivityGroup::Role(role(&word.unwrap_or_default())?),
            (Grouping::Team, _, Some(name)) => ActivityGroup::Team(TeamId::new(self.key), name),
            (Grouping::Team, _, None) => ActivityGroup::NoTeam,
        };
        Ok(ActivitySum {
            key: ActivityKey(self.key),
            group,
            users: self.users,
            totals: ActivityTotals {
                requests: self.requests,
                changes: self.changes,
                logins: self.logins,
                first_at: self.first_at,
                last_at: self.last_at,
            },
            last_session_at: self.last_session_at,
        })
    }
}

fn day(since_1970: i64) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(TimeDelta::try_days(since_1970)?)
}

/// The columns of a [`DayRow`], in its order.
pub(super) type DayColumns = (
    Nullable<Date>,
    Nullable<Text>,
    Nullable<Text>,
    BigInt,
    BigInt,
    BigInt,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
);

/// A day of a user, or the user.
#[derive(Queryable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct DayRow {
    day: Option<NaiveDate>,
    username: Option<String>,
    name: Option<String>,
    requests: i64,
    changes: i64,
    logins: i64,
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
    last_session_at: Option<DateTime<Utc>>,
}

/// Returns the activity in these rows; `None` without the row of the user.
pub(super) fn user_activity(user: UserId, rows: Vec<DayRow>) -> Option<UserActivity> {
    let mut found = None;
    let mut days = Vec::new();
    let mut sum = ActivityTotals::default();
    for row in rows {
        let Some(day) = row.day else {
            found = Some((row.username?, row.name?, row.last_session_at));
            continue;
        };
        let DayRow { requests, changes, logins, first_at, last_at, .. } = row;
        days.push((day, ActivityTotals { requests, changes, logins, first_at, last_at }));
        sum.requests += requests;
        sum.changes += changes;
        sum.logins += logins;
        sum.first_at = sum.first_at.or(first_at);
        sum.last_at = last_at.or(sum.last_at);
    }
    let (username, name, last_session_at) = found?;
    let group = ActivityGroup::User(user, username, name);
    let sum = ActivitySum { key: ActivityKey(user.get()), group, users: 1, totals: sum, last_session_at };
    Some(UserActivity { sum, days })
}
