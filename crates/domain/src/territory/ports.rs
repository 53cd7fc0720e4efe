use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Ancestors, NewPlace, NewPlaceAlias, Place, PlaceAlias, PlaceKind, PlaceReferences, PlaceWithAncestors,
    SalesMap, SiblingNames,
};
use crate::change::ChangeTx;
use crate::shared::{StorageFailure, TenantId};

/// Reads the sales map.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SalesMapReader: Send + Sync {
    /// Returns the tenant's map, possibly from a cache.
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;

    /// Returns the current map: for callers that need a place that is missing from a cached map.
    async fn read_uncached(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;
}

/// Changes the sales map inside a transaction. The number of statements does not depend on the number of
/// retailers. Every change writes a change feed entry.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlaceWriter: Send {
    /// Locks the map, so that other changes of it wait until this transaction ends. Must be called before any
    /// other method. Map changes are rare, so they are serialized to rule out deadlocks.
    ///
    /// # Errors
    /// [`StorageFailure`] if the wait for other changes takes too long.
    async fn lock_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure>;

    /// Locks a place and returns its current state. Until the commit no retailer and no other place can be
    /// added to it.
    async fn lock(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        id: i64,
    ) -> Result<Option<PlaceWithAncestors>, StorageFailure>;

    /// Returns the ancestors of a place of this kind with this parent; `None` if the parent does not exist.
    async fn ancestors(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: i64,
    ) -> Result<Option<Ancestors>, StorageFailure>;

    /// Returns the names of the places of this kind and parent, with alternative spellings.
    async fn names_under(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: Option<i64>,
    ) -> Result<SiblingNames, StorageFailure>;

    /// Adds a place and returns its id. The names must be free and the parent must exist.
    async fn add(&mut self, place: &NewPlace) -> Result<i64, StorageFailure>;

    /// Stores the names and the version of a locked place.
    async fn rename(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
    ) -> Result<(), StorageFailure>;

    /// Renames like [`rename`](Self::rename), and moves the place with all its content to its new parent;
    /// `ancestors` are the new ancestors. Returns the number of moved retailers, including deleted ones.
    async fn relocate(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
        ancestors: &Ancestors,
        at: DateTime<Utc>,
    ) -> Result<i64, StorageFailure>;

    /// Returns the number of references to a locked place.
    async fn references(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        id: i64,
    ) -> Result<PlaceReferences, StorageFailure>;

    /// Removes a locked place without references, and its alternative spellings.
    async fn remove(&mut self, tenant: TenantId, kind: PlaceKind, id: i64) -> Result<(), StorageFailure>;

    /// Adds an alternative spelling to a locked place and returns the spelling's id.
    async fn add_alias(&mut self, alias: &NewPlaceAlias) -> Result<i64, StorageFailure>;

    /// Removes an alternative spelling and returns it; `None` if none has this id.
    async fn remove_alias(&mut self, tenant: TenantId, id: i64)
    -> Result<Option<PlaceAlias>, StorageFailure>;
}

/// The view of a transaction for the use cases of the sales map.
pub trait TerritoryTx: ChangeTx {
    /// Returns the places.
    fn places(&mut self) -> &mut dyn PlaceWriter;
}
