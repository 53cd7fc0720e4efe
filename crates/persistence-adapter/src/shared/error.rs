use diesel::result::{DatabaseErrorKind, Error};
use haat_domain::shared::StorageFailure;

/// What Postgres says when it is going away, coming up, or has given a statement up. diesel-async hides the SQLSTATE,
/// so these are its English words; the server's role is given `lc_messages = 'C'` (see the README).
const AWAY: [&str; 6] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to statement timeout",
    "connection already closed",
    "too many clients",
    "remaining connection slots are reserved",
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
