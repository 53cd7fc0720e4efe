//! Retention: how long rows that only grow are kept.

use std::time::Duration;

use async_trait::async_trait;

use crate::shared::StorageFailure;

/// The time for which rows of one kind are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionRule {
    /// The name.
    pub name: &'static str,
    /// The default.
    pub keep: Duration,
    /// The shortest time that an operator may set: other code relies on it.
    pub floor: Duration,
    /// The longest. Rows that are a risk must not be kept longer.
    pub ceiling: Duration,
}

impl RetentionRule {
    /// Returns a rule that an operator may lengthen as they like.
    #[must_use]
    pub const fn new(name: &'static str, keep: Duration, floor: Duration) -> Self {
        Self { name, keep, floor, ceiling: Duration::MAX }
    }

    /// Returns a rule that an operator cannot change.
    #[must_use]
    pub const fn fixed(name: &'static str, keep: Duration) -> Self {
        Self { name, keep, floor: keep, ceiling: keep }
    }
}

/// Returns a number of days.
#[must_use]
pub const fn days(number: u64) -> Duration {
    Duration::from_hours(24 * number)
}

/// The rows of a policy that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRows {
    /// The number of rows older than the time that they are kept.
    pub rows: u64,
    /// The age of the oldest of them.
    pub oldest: Option<Duration>,
}

/// Ends rows of one kind that are older than the time for which they are kept.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetentionPolicy: Send + Sync {
    /// Returns the rule.
    fn rule(&self) -> &'static RetentionRule;

    /// Measures the rows.
    async fn due(&self, keep: Duration) -> Result<DueRows, StorageFailure>;

    /// Returns the files of the rows that [`prune`](Self::prune) ends next. They are removed before the rows, so that none is
    /// forgotten.
    async fn files(&self, keep: Duration) -> Result<Vec<String>, StorageFailure>;

    /// Ends the oldest rows, as many as one transaction should, and returns how many: zero if none is left. Skips rows that another
    /// transaction has locked, and leaves other work some time before it returns.
    async fn prune(&self, keep: Duration) -> Result<u64, StorageFailure>;
}

/// Adds partitions for the time to come.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PartitionWriter: Send + Sync {
    /// Adds the missing monthly partitions of the audit log for the next two years, and returns how many.
    async fn add_partitions(&self) -> Result<u32, StorageFailure>;
}

/// The retention rules of this version, with the times that the operator has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention(Vec<(&'static RetentionRule, Duration)>);

impl Retention {
    /// Parses `changes:24h,jobs:7d`: the time for which each kind of rows is kept, in hours or days. Kinds that are not named have
    /// their default.
    ///
    /// # Errors
    /// A message that says what is expected.
    pub fn parse(rules: &[&'static RetentionRule], text: &str) -> Result<Self, String> {
        let mut retention = Self(rules.iter().map(|rule| (*rule, rule.keep)).collect());
        let mut named = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, time) = part
                .split_once(':')
                .ok_or_else(|| format!("must be names with times, such as jobs:7d, not {part:?}"))?;
            let Some((rule, keep)) = retention.0.iter_mut().find(|(rule, _)| rule.name == name) else {
                let known: Vec<_> = rules.iter().map(|rule| rule.name).collect();
                return Err(format!("{name:?} is none of {}", known.join(", ")));
            };
            if named.contains(&rule.name) {
                return Err(format!("{name} is named twice"));
            }
            named.push(rule.name);
            *keep = parse_time(time)
                .ok_or_else(|| format!("{name} must be a time such as 36h or 7d, not {time:?}"))?;
            if *keep < rule.floor || *keep > rule.ceiling {
                return Err(if rule.floor == rule.ceiling {
                    format!("{name} is always {}", time_text(rule.floor))
                } else {
                    format!("{name} must be at least {}", time_text(rule.floor))
                });
            }
        }
        Ok(retention)
    }

    /// Returns the time for which rows of a rule are kept.
    #[must_use]
    pub fn of(&self, rule: &'static RetentionRule) -> Duration {
        self.0.iter().find(|(known, _)| known.name == rule.name).map_or(rule.keep, |(_, keep)| *keep)
    }
}

/// Parses a whole number of hours (`36h`) or days (`7d`).
fn parse_time(text: &str) -> Option<Duration> {
    let (number, hours) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 24),
        (None, None) => return None,
    };
    // Up to a century, which a timestamp can be moved by.
    let number: u64 = number.parse().ok().filter(|number| *number <= 36_500)?;
    Some(Duration::from_hours(number * hours))
}

/// Returns a time as [`Retention::parse`] reads it.
#[must_use]
pub fn time_text(time: Duration) -> String {
    let hours = time.as_secs() / 3_600;
    if hours.is_multiple_of(24) { format!("{}d", hours / 24) } else { format!("{hours}h") }
}

#[cfg(test)]
mod tests {
    use super::*;

    static JOBS: RetentionRule = RetentionRule::new("jobs", days(7), days(1));
    static SESSIONS: RetentionRule = RetentionRule::fixed("sessions", days(60));

    fn parse(text: &str) -> Result<[String; 2], String> {
        let retention = Retention::parse(&[&JOBS, &SESSIONS], text)?;
        Ok([&JOBS, &SESSIONS].map(|rule| time_text(retention.of(rule))))
    }

    #[test]
    fn rules_have_defaults_that_an_operator_may_change() {
        assert_eq!(parse(""), Ok(["7d".to_owned(), "60d".to_owned()]));
        assert_eq!(parse("jobs:36h"), Ok(["36h".to_owned(), "60d".to_owned()]));
        assert_eq!(parse(" jobs:24h , sessions:60d ,"), Ok(["1d".to_owned(), "60d".to_owned()]));
        for (text, problem) in [
            ("jobs", "must be names with times, such as jobs:7d, not \"jobs\""),
            ("job:7d", "\"job\" is none of jobs, sessions"),
            ("jobs:7", "jobs must be a time such as 36h or 7d, not \"7\""),
            ("jobs:-1d", "jobs must be a time such as 36h or 7d, not \"-1d\""),
            ("jobs:99999999999d", "jobs must be a time such as 36h or 7d, not \"99999999999d\""),
            ("jobs:23h", "jobs must be at least 1d"),
            ("sessions:61d", "sessions is always 60d"),
            ("jobs:7d,jobs:8d", "jobs is named twice"),
        ] {
            assert_eq!(parse(text), Err(problem.to_owned()), "{text}");
        }
    }
}
