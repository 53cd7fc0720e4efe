use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::{RetainedRows, RowEnd};

/// The numbers from which the one-time passwords of a file are derived.
pub(crate) static ONE_TIME_PASSWORDS: RetainedRows = RetainedRows {
    only: "t.nonce IS NOT NULL",
    end: RowEnd::Set("nonce = NULL"),
    ..RetainedRows::new(
        RetentionRule::fixed("one-time-passwords", days(7)),
        "password_files",
        // Ten minutes after they were first read, or seven days after they were made.
        "least(t.created_at, t.given_at + interval '10 minutes' - interval '7 days')",
    )
};

#[cfg(test)]
mod tests {
    use haat_domain::people::PasswordFile;

    use super::*;

    #[test]
    fn passwords_are_kept_as_long_as_they_can_be_read() {
        assert_eq!(PasswordFile::LIFETIME.to_std().unwrap(), ONE_TIME_PASSWORDS.rule.keep);
    }
}
