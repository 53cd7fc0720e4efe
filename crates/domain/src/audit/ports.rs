use async_trait::async_trait;

use super::{AuditEntry, AuditFilter, AuditKey, AuditLine};
use crate::shared::{Page, PageRequest, StorageFailure, TenantId};

/// Appends to the audit log inside the transaction of the change. Entries cannot be edited or removed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditWriter: Send {
    /// Appends entries, in one statement.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails; the change must not be committed in that case.
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StorageFailure>;
}

/// Reads the audit log.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// Returns a page of the tenant's entries that match a filter, the newest first, in two statements: the
    /// entries, then the names of what they mention.
    async fn list(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest<AuditKey>,
    ) -> Result<Page<AuditLine, AuditKey>, StorageFailure>;
}
