use async_trait::async_trait;

use super::{Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerUid};
use crate::shared::{Page, PageRequest, Scope, StorageFailure, TenantId, UserId};

/// Reads shops. Deleted ones are never seen here.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerReader: Send + Sync {
    /// One page of the shops in `scope`, in one statement. A key that belongs to another column than the query's sort
    /// is a mistake of the caller.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn list(
        &self,
        tenant: TenantId,
        scope: Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure>;

    /// How many shops in `scope` a filter leaves.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn count(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure>;

    /// One shop, or `None` when there is none with this uid in `scope`.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure>;

    /// All shops of a representative, or none at all if there are more than `at_most`.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn all_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
        at_most: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure>;
}
