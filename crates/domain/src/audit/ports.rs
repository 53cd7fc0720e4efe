use async_trait::async_trait;

use super::AuditEntry;
use crate::shared::StorageFailure;

/// Appends to the audit log inside the transaction of the change. There is no way to edit or remove.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditWriter: Send {
    /// Appends entries, in one statement.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take them; the change must not be committed then.
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StorageFailure>;
}
