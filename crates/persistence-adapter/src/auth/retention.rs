use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::RetainedRows;

/// Sessions that can no longer be refreshed.
pub(crate) static SESSIONS: RetainedRows =
    RetainedRows::new(RetentionRule::fixed("sessions", days(60)), "sessions", "t.last_used_at");

#[cfg(test)]
mod tests {
    use haat_domain::auth::Session;

    use super::*;

    #[test]
    fn sessions_are_kept_while_they_can_be_refreshed() {
        assert_eq!(Session::IDLE.to_std().unwrap(), SESSIONS.rule.keep);
    }
}
