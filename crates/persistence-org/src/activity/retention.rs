use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::{RetainedRows, RowEnd};

/// The counts of activity: 25 months, so that a month can be compared with the same one a year and two years before.
pub(crate) static ACTIVITY: RetainedRows = RetainedRows {
    rule: RetentionRule::new("activity", days(760), days(35)),
    table: "user_activity",
    since: "t.day",
    only: "true",
    end: RowEnd::Delete,
    can_lock: true,
    file: None,
    also: "",
    batch: RetainedRows::BATCH,
};
