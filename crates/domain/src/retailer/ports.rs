use async_trait::async_trait;

use super::{PatchRetailer, Patched, Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerUid};
use crate::shared::{ChangeTx, Page, PageRequest, Scope, StorageFailure, TenantId, UserId};

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

/// Changes one shop in one statement that is a transaction by itself.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerPatcher: Send + Sync {
    /// Changes the shop, with an audit entry and a line of the change feed, if the caller may at that moment.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn patch(&self, patch: &PatchRetailer) -> Result<Patched, StorageFailure>;
}

/// Changes shops inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerWriter: Send {
    /// As [`RetailerPatcher::patch`], inside this transaction.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn patch(&mut self, patch: &PatchRetailer) -> Result<Patched, StorageFailure>;
}

/// What use cases of shops see of a transaction.
pub trait RetailerTx: ChangeTx {
    /// Shops.
    fn retailers(&mut self) -> &mut dyn RetailerWriter;
}
