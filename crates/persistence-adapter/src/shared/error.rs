use diesel::result::{DatabaseErrorKind, Error};
use haat_domain::shared::StorageFailure;

/// What Postgres says when it is going away, coming up, cannot write or has given a statement up. diesel-async hides the SQLSTATE,
/// so these are its English words; the server's role is given `lc_messages = 'C'` (see the README).
const AWAY: [&str; 8] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to statement timeout",
    "connection already closed",
    "too many clients",
    "remaining connection slots are reserved",
    // Until somebody makes room, or the other machine is the primary.
    "No space left on device",
    "in a read-only transaction",
];

/// Says in the domain's words what diesel said.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn to_failure(error: Error) -> StorageFailure {
    let text = error.to_string();
    match &error {
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
            _,
        )
        | Error::BrokenTransactionManager => StorageFailure::Unavailable(text),
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => StorageFailure::Contended(text),
        Error::DatabaseError(DatabaseErrorKind::Unknown, _) if text.contains("deadlock detected") => {
            StorageFailure::Contended(text)
        }
        Error::DatabaseError(DatabaseErrorKind::Unknown, _)
            if AWAY.iter().any(|away| text.contains(away)) =>
        {
            StorageFailure::Unavailable(text)
        }
        _ => StorageFailure::Broken(text),
    }
}

/// A stored value that means nothing to the domain. The value itself is not repeated: it may be personal.
pub(crate) fn inconsistent(
    table: &'static str,
    column: &'static str,
    reason: impl std::fmt::Display,
) -> StorageFailure {
    StorageFailure::Inconsistent { table, column, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_away_by_itself_is_worth_another_try() {
        let failure = |text: &str| {
            to_failure(Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned())))
        };
        for text in [
            "could not extend file \"base/5/16384\": No space left on device",
            "cannot execute INSERT in a read-only transaction",
            "canceling statement due to statement timeout",
            "deadlock detected",
        ] {
            assert!(failure(text).is_retryable(), "{text}");
        }
        assert!(!failure("relation \"retailers\" does not exist").is_retryable());
    }
}
