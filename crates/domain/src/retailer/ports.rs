use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    AddedRetailer, NewRetailer, OfficeRetailer, PatchRetailer, Patched, Place, Retailer, RetailerFilter,
    RetailerKey, RetailerQuery, RetailerUid, Revision,
};
use crate::shared::{
    ChangeTx, DistributorId, Page, PageRequest, Scope, StorageFailure, TenantId, TerritoryId, UserId,
};

/// Reads shops. Deleted ones are seen by a filter that asks for them and not otherwise.
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

/// Reads what the office sees of shops.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OfficeRetailerReader: Send + Sync {
    /// One shop of the tenant, a deleted one too.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<OfficeRetailer>, StorageFailure>;

    /// These shops of the tenant with all that the office sees of them, in the same order, in one statement.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn complete(
        &self,
        tenant: TenantId,
        shops: Vec<Retailer>,
    ) -> Result<Vec<OfficeRetailer>, StorageFailure>;
}

/// Reads lists of shops of any length, part by part.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerExporter: Send + Sync {
    /// The next shops in `scope` that a filter leaves, by uid, in a short statement of its own. Fewer than `at_most` are
    /// the last.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn part(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &RetailerFilter,
        after: Option<RetailerUid>,
        at_most: u16,
    ) -> Result<Vec<Retailer>, StorageFailure>;
}

/// Changes the master data of shops inside a transaction. Places are locked before shops, as whoever moves places does.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OfficeRetailerWriter: Send {
    /// Where a territory of the tenant lies. Neither it nor its area moves before the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock_place(
        &mut self,
        tenant: TenantId,
        territory: TerritoryId,
    ) -> Result<Option<Place>, StorageFailure>;

    /// Whether the tenant has this distributor, who then stays until the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock_distributor(
        &mut self,
        tenant: TenantId,
        distributor: DistributorId,
    ) -> Result<bool, StorageFailure>;

    /// Adds a shop in a place that is locked, with a line of the change feed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn add(
        &mut self,
        tenant: TenantId,
        shop: &NewRetailer,
        place: Place,
        at: DateTime<Utc>,
    ) -> Result<AddedRetailer, StorageFailure>;

    /// One shop of the tenant, a deleted one too. Nobody else changes it, or who serves it, before the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<OfficeRetailer>, StorageFailure>;

    /// Gives a shop that is locked these values, and the next version, with a line of the change feed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn update(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure>;

    /// Deletes a shop that is locked. Who serves it does so no longer, which becomes history and is told in the change
    /// feed. Gives how many that were, too.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn delete(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(Revision, i64), StorageFailure>;

    /// Takes the deletion of a shop that is locked back, with a line of the change feed. Nobody serves it.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn restore(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure>;
}

/// What the office's use cases of shops see of a transaction.
pub trait OfficeRetailerTx: ChangeTx {
    /// Shops.
    fn shops(&mut self) -> &mut dyn OfficeRetailerWriter;
}
