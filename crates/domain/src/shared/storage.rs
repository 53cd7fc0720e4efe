/// Reasons why the storage behind a port failed. The *content* of the storage is never a failure: an absent
/// row is `None`, and a conflict is part of the port's result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageFailure {
    /// The database cannot be reached, or no connection became free in time. A later retry may succeed.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Another transaction interfered (serialization failure, deadlock). A retry may succeed.
    #[error("storage is contended: {0}")]
    Contended(String),
    /// A stored row cannot be interpreted by the domain.
    #[error("inconsistent row in {table}, column {column}: {reason}")]
    Inconsistent {
        /// The table of the row.
        table: &'static str,
        /// The column that cannot be interpreted.
        column: &'static str,
        /// The error, without the value.
        reason: String,
    },
    /// Any other failure: an error in a statement, or a constraint violation that the code does not expect.
    #[error("storage failed: {0}")]
    Broken(String),
}

impl StorageFailure {
    /// Returns true if the same call may succeed a little later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended(_))
    }
}
