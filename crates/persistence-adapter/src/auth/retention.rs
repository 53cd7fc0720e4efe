use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::{RetainedRows, RowEnd};

/// Sessions that can no longer be refreshed.
pub(crate) static SESSIONS: RetainedRows = RetainedRows {
    rule: RetentionRule::fixed("sessions", days(60)),
    table: "sessions",
    since: "t.last_used_at",
    only: "true",
    end: RowEnd::Delete,
    can_lock: true,
    file: None,
    also: "",
    batch: RetainedRows::BATCH,
};

#[cfg(test)]
mod tests {
    use haat_domain::auth::Session;

    use super::*;

    #[test]
    fn sessions_are_kept_while_they_can_be_refreshed() {
        assert_eq!(Session::IDLE.to_std().unwrap(), SESSIONS.rule.keep);
    }
}
