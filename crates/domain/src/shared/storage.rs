/// Why the storage behind a port could not answer. What is *in* the storage is never a failure: an absent
/// row is `Option`, a conflict is the port's own answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageFailure {
    /// The database is away, or has no connection to spare in time. Trying again later may help.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Another transaction was in the way (serialization failure, deadlock). Trying again may help.
    #[error("storage is contended: {0}")]
    Contended(String),
    /// A stored row does not mean anything to the domain.
    #[error("inconsistent row in {table}, column {column}: {reason}")]
    Inconsistent {
        /// The table of the row.
        table: &'static str,
        /// The column that could not be understood.
        column: &'static str,
        /// What was wrong with it, without the value.
        reason: String,
    },
    /// Anything else: a mistake in a statement, a constraint the code did not expect.
    #[error("storage failed: {0}")]
    Broken(String),
}

impl StorageFailure {
    /// True when the same call may succeed a little later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended(_))
    }
}
