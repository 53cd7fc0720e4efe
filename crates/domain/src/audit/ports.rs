use async_trait::async_trait;

use super::{AuditEntry, AuditFilter, AuditKey, AuditLine};
use crate::shared::{Page, PageRequest, StorageFailure, TenantId};

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

/// Reads the audit log.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// A page of the tenant's entries that a filter leaves, the newest first, in one statement.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn list(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest<AuditKey>,
    ) -> Result<Page<AuditLine, AuditKey>, StorageFailure>;
}
