use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::RetainedRows;

/// The counts of activity: 25 months, so that a month can be compared with the same one a year and two years before.
pub(crate) static ACTIVITY: RetainedRows =
    RetainedRows::new(RetentionRule::new("activity", days(760), days(35)), "user_activity", "t.day");
