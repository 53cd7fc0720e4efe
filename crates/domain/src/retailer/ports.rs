use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    AddedRetailer, NewRetailer, PatchRetailer, Patched, Place, PoolRetailer, Retailer, RetailerFilter,
    RetailerKey, RetailerQuery, RetailerUid, Revision,
};
use crate::change::ChangeTx;
use crate::shared::{
    DistributorId, Page, PageRequest, RetailerId, Scope, StorageFailure, TenantId, TerritoryId, UserId,
};

/// Reads retailers. Deleted retailers are included only if the filter asks for them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerReader: Send + Sync {
    /// Returns a page of the retailers in `scope`, in one statement. The key must belong to the sort column
    /// of the query; any other key is a programming error.
    async fn list(
        &self,
        tenant: TenantId,
        scope: &Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure>;

    /// Returns the number of retailers in `scope` that match a filter.
    async fn count(
        &self,
        tenant: TenantId,
        scope: &Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure>;

    /// Returns a retailer; `None` if `scope` has none with this uid.
    async fn find(
        &self,
        tenant: TenantId,
        scope: &Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure>;

    /// Returns all retailers of a sales rep; `None` if there are more than `at_most`.
    async fn all_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
        at_most: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure>;

    /// Returns the retailers of these sales reps, each with the sales rep, and once for each of them who serves it; `None` if
    /// there are more than `at_most`.
    async fn all_of_reps(
        &self,
        tenant: TenantId,
        reps: &[UserId],
        at_most: u32,
    ) -> Result<Option<Vec<(UserId, Retailer)>>, StorageFailure>;
}

/// Changes one retailer in one statement, which is a transaction by itself.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerPatcher: Send + Sync {
    /// Changes the retailer, with an audit entry and a change feed entry, if the caller is allowed to at that
    /// moment. The permission must cover the whole tenant or the caller's own retailers; others need the locks of a
    /// transaction, see [`RetailerWriter`].
    async fn patch(&self, patch: &PatchRetailer) -> Result<Patched, StorageFailure>;
}

/// Changes retailers inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerWriter: Send {
    /// Patches like [`RetailerPatcher::patch`], inside this transaction, for any targets.
    async fn patch(&mut self, patch: &PatchRetailer) -> Result<Patched, StorageFailure>;
}

/// The view of a transaction for the use cases of retailers.
pub trait RetailerTx: ChangeTx {
    /// Returns the retailers.
    fn retailers(&mut self) -> &mut dyn RetailerWriter;
}

/// Reads retailers as administrators see them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PoolRetailerReader: Send + Sync {
    /// Returns a retailer of the tenant, including a deleted one.
    async fn find(&self, tenant: TenantId, uid: &RetailerUid)
    -> Result<Option<PoolRetailer>, StorageFailure>;

    /// Completes these retailers of the tenant with the data for administrators, in the same order, in one
    /// statement.
    async fn complete(
        &self,
        tenant: TenantId,
        retailers: Vec<Retailer>,
    ) -> Result<Vec<PoolRetailer>, StorageFailure>;
}

/// Reads retailer lists of any length, in parts.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetailerExporter: Send + Sync {
    /// Returns the next retailers in `scope` that match a filter, sorted by uid, in a short statement of its
    /// own. Fewer than `at_most` retailers are the last part.
    async fn part(
        &self,
        tenant: TenantId,
        scope: &Scope,
        filter: &RetailerFilter,
        after: Option<RetailerUid>,
        at_most: u16,
    ) -> Result<Vec<Retailer>, StorageFailure>;

    /// Returns the usernames of the sales reps who serve each of these retailers, in order.
    async fn serving_reps(
        &self,
        tenant: TenantId,
        retailers: &[RetailerId],
    ) -> Result<HashMap<RetailerId, Vec<String>>, StorageFailure>;
}

/// Changes the master data of retailers inside a transaction. Places are locked before retailers, in the same
/// order as when a place moves.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PoolRetailerWriter: Send {
    /// Returns the position of a territory of the tenant. Neither the territory nor its area can move before
    /// the commit.
    async fn lock_place(
        &mut self,
        tenant: TenantId,
        territory: TerritoryId,
    ) -> Result<Option<Place>, StorageFailure>;

    /// Returns true if the tenant has this distributor, which then cannot be removed before the commit.
    async fn lock_distributor(
        &mut self,
        tenant: TenantId,
        distributor: DistributorId,
    ) -> Result<bool, StorageFailure>;

    /// Adds a retailer in a locked place, with a change feed entry.
    async fn add(
        &mut self,
        tenant: TenantId,
        retailer: &NewRetailer,
        place: Place,
        at: DateTime<Utc>,
    ) -> Result<AddedRetailer, StorageFailure>;

    /// Locks a retailer of the tenant, including a deleted one, and its assignments until the commit, and
    /// returns it.
    async fn lock(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<PoolRetailer>, StorageFailure>;

    /// Stores the values of a locked retailer under the next version, with a change feed entry.
    async fn update(
        &mut self,
        tenant: TenantId,
        retailer: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure>;

    /// Deletes a locked retailer. Its assignments end, with entries in the history and in the change feed.
    /// Also returns the number of ended assignments.
    async fn delete(
        &mut self,
        tenant: TenantId,
        retailer: &Retailer,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(Revision, i64), StorageFailure>;

    /// Restores a locked, deleted retailer, with a change feed entry. No sales rep serves it.
    async fn restore(
        &mut self,
        tenant: TenantId,
        retailer: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure>;
}

/// The view of a transaction for the administrators' use cases of retailers.
pub trait PoolRetailerTx: ChangeTx {
    /// Returns the retailers.
    fn retailers(&mut self) -> &mut dyn PoolRetailerWriter;
}
