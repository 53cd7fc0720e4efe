use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::{RetainedRows, RowEnd};

/// Plans that were not applied in time. The plan stays, without its steps.
pub(crate) static PLANS: RetainedRows = RetainedRows {
    only: "t.state = 'planned'",
    end: RowEnd::Set("state = 'expired'"),
    also: ", steps AS (DELETE FROM assignment_steps AS s USING ended AS e WHERE s.tenant_id = e.tenant_id AND s.batch_id = e.id), \
           loads AS (DELETE FROM assignment_loads AS l USING ended AS e WHERE l.tenant_id = e.tenant_id AND l.batch_id = e.id), \
           rows AS (DELETE FROM assignment_rows AS r USING ended AS e WHERE r.tenant_id = e.tenant_id AND r.batch_id = e.id)",
    // Each may have a million steps.
    batch: 5,
    ..RetainedRows::new(RetentionRule::new("plans", days(7), days(1)), "batches", "t.created_at")
};
