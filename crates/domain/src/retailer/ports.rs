use async_trait::async_trait;

use super::{RetailerKey, RetailerSort, RetailerUid, RetailerView};
use crate::shared::{Page, PageRequest, Scope, StorageFailure, TenantId};

/// Reads shops. Deleted ones are never seen here.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerReader: Send + Sync {
    /// The shops in `scope`, one page, in one statement. A key that belongs to another column than
    /// `sort` is a mistake of the caller.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn list(
        &self,
        tenant: TenantId,
        scope: Scope,
        sort: RetailerSort,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<RetailerView, RetailerKey>, StorageFailure>;

    /// One shop, or `None` when there is none with this uid in `scope`.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<RetailerView>, StorageFailure>;
}
