use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::shared::{Role, TeamId, TenantId, UserId};

/// The counts of one user in a short time, in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The number of requests, successful or not.
    pub requests: i64,
    /// The number of successful requests that may change data.
    pub changes: i64,
    /// The number of logins.
    pub logins: i64,
    /// The time of the first of these events.
    pub first_at: DateTime<Utc>,
    /// The time of the last of these events, in the same quarter of an hour: such a quarter belongs to one day in every
    /// time zone.
    pub last_at: DateTime<Utc>,
}

/// The users whose activity a caller may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityScope {
    /// All users of the tenant.
    All,
    /// These users.
    Users(Vec<UserId>),
}

impl ActivityScope {
    /// Returns `true` if the scope contains a user of the tenant.
    #[must_use]
    pub fn contains(&self, user: UserId) -> bool {
        match self {
            Self::All => true,
            Self::Users(users) => users.contains(&user),
        }
    }
}

/// Days from the first to the last, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    first: NaiveDate,
    last: NaiveDate,
}

/// The reasons why two days are no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DayRangeError {
    /// The last day is before the first.
    #[error("the last day is before the first")]
    Reversed,
    /// There are more than [`DayRange::MAX_DAYS`].
    #[error("at most {} days", DayRange::MAX_DAYS)]
    TooLong,
}

impl DayRange {
    /// The most days of a range.
    pub const MAX_DAYS: i64 = 400;

    /// The number of days if the caller names only one end, or none.
    const DEFAULT_DAYS: i64 = 30;

    /// Returns the days from `first` to `last`, 30 days if one of them is absent, or `None` if both are.
    ///
    /// # Errors
    /// [`DayRangeError`].
    pub fn new(first: Option<NaiveDate>, last: Option<NaiveDate>) -> Result<Option<Self>, DayRangeError> {
        let other = TimeDelta::days(Self::DEFAULT_DAYS - 1);
        let (first, last) = match (first, last) {
            (None, None) => return Ok(None),
            (Some(first), Some(last)) => (first, last),
            (Some(first), None) => (first, first.checked_add_signed(other).unwrap_or(first)),
            (None, Some(last)) => return Ok(Some(Self::until(last))),
        };
        match (last - first).num_days() + 1 {
            ..1 => Err(DayRangeError::Reversed),
            1..=Self::MAX_DAYS => Ok(Some(Self { first, last })),
            _ => Err(DayRangeError::TooLong),
        }
    }

    /// Returns the 30 days that end with `last`.
    #[must_use]
    pub fn until(last: NaiveDate) -> Self {
        let first = last.checked_sub_signed(TimeDelta::days(Self::DEFAULT_DAYS - 1)).unwrap_or(last);
        Self { first, last }
    }

    /// Returns the first day.
    #[must_use]
    pub const fn start(&self) -> NaiveDate {
        self.first
    }

    /// Returns the last day.
    #[must_use]
    pub const fn end(&self) -> NaiveDate {
        self.last
    }
}

/// The grouping of sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grouping {
    /// By user.
    #[default]
    User,
    /// By day.
    Day,
    /// By the current highest role of the users.
    Role,
    /// By the current team of the users.
    Team,
}

impl Grouping {
    /// The words for the groupings; the default is the first.
    pub const WORDS: &'static [&'static str] = &["user", "day", "role", "team"];

    /// Returns the grouping with this word.
    #[must_use]
    pub fn from_name(word: &str) -> Option<Self> {
        Some(match word {
            "user" => Self::User,
            "day" => Self::Day,
            "role" => Self::Role,
            "team" => Self::Team,
            _ => return None,
        })
    }
}

/// The days and the grouping of a list of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityFilter {
    /// The days.
    pub days: DayRange,
    /// The grouping.
    pub grouping: Grouping,
}

/// The position of a group in a list: the id of a user or team (0 for users without a team), the number of a day or a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActivityKey(pub i64);

/// The users or the day that a sum belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityGroup {
    /// A user, with the username and name.
    User(UserId, String, String),
    /// A day.
    Day(NaiveDate),
    /// The users whose highest role it is at present.
    Role(Role),
    /// The present members of a team, with its name.
    Team(TeamId, String),
    /// The users who are at present in no team.
    NoTeam,
}

/// Sums of counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActivityTotals {
    /// The number of requests.
    pub requests: i64,
    /// The number of successful requests that may change data.
    pub changes: i64,
    /// The number of logins.
    pub logins: i64,
    /// The time of the first event.
    pub first_at: Option<DateTime<Utc>>,
    /// The time of the last event.
    pub last_at: Option<DateTime<Utc>>,
}

/// The sums of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivitySum {
    /// The position in the list.
    pub key: ActivityKey,
    /// The group.
    pub group: ActivityGroup,
    /// The number of active users.
    pub users: i64,
    /// The sums.
    pub totals: ActivityTotals,
    /// The time at which a session of these users was last used, whatever the days; `None` without a session, and for days.
    pub last_session_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn a_range_has_1_to_400_days() {
        let last = day(11, 30);
        let of = |first, last| {
            DayRange::new(first, last).map(|range| range.map(|range| (range.start(), range.end())))
        };
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some(last), Some(last)), Ok(Some((last, last))));
        assert_eq!(of(Some(day(11, 1)), None), Ok(Some((day(11, 1), last))));
        assert_eq!(of(None, Some(last)), Ok(Some((day(11, 1), last))));
        assert_eq!(of(Some(day(2, 2)), Some(day(2, 1))), Err(DayRangeError::Reversed));
        let first = last - TimeDelta::days(399);
        assert_eq!(of(Some(first), Some(last)), Ok(Some((first, last))));
        assert_eq!(of(Some(first - TimeDelta::days(1)), Some(last)), Err(DayRangeError::TooLong));
        assert!(of(Some(NaiveDate::MIN), Some(NaiveDate::MAX)).is_err());
        assert!(of(None, Some(NaiveDate::MIN)).is_ok() && of(Some(NaiveDate::MAX), None).is_ok());
    }

    #[test]
    fn every_word_is_a_grouping() {
        for word in Grouping::WORDS {
            assert!(Grouping::from_name(word).is_some(), "{word}");
        }
        assert_eq!(Grouping::from_name("User"), None);
    }

    #[test]
    fn a_scope_contains_its_users() {
        let scope = ActivityScope::Users(vec![UserId::new(7)]);
        assert!(scope.contains(UserId::new(7)) && !scope.contains(UserId::new(8)));
        assert!(ActivityScope::All.contains(UserId::new(8)));
    }
}
