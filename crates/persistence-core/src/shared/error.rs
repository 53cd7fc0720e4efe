use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use haat_domain::shared::StorageFailure;

/// Messages of PostgreSQL while it shuts down, starts, cannot write or has cancelled a statement. diesel-async hides the
/// SQLSTATE, so they are matched in English; the server's role has `lc_messages = 'C'` (see the README).
const UNAVAILABLE: [&str; 8] = [
    "terminating connection",
    "the database system is",
    "canceling statement due to statement timeout",
    "connection already closed",
    "too many clients",
    "remaining connection slots are reserved",
    // Until space is freed, or the other server is the primary.
    "No space left on device",
    "in a read-only transaction",
];

/// Converts an error of diesel.
#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
#[must_use]
pub fn to_failure(error: Error) -> StorageFailure {
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
            if UNAVAILABLE.iter().any(|message| text.contains(message)) =>
        {
            StorageFailure::Unavailable(text)
        }
        _ => StorageFailure::Broken(text),
    }
}

/// Turns the violation of a unique constraint into the value that `constraints` has for its name. PostgreSQL checks a unique
/// constraint under concurrency, too; the transaction can only be rolled back afterwards.
///
/// # Errors
/// All other errors, including violations of constraints that are not listed.
pub fn taken<T, C: Copy>(result: QueryResult<T>, constraints: &[(&str, C)]) -> QueryResult<Result<T, C>> {
    match result {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) => {
            let name = info.constraint_name();
            match constraints.iter().find(|(constraint, _)| name == Some(constraint)) {
                Some((_, taken)) => Ok(Err(*taken)),
                None => Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info)),
            }
        }
        result => result.map(Ok),
    }
}

/// Reports a stored value that the domain rejects. The value itself is not repeated: it may be personal data.
pub fn inconsistent(
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
    fn transient_failures_are_retryable() {
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
