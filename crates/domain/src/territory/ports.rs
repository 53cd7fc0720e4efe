use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Above, Located, NewPlace, NewPlaceAlias, Place, PlaceAlias, PlaceKind, PlaceUses, SalesMap};
use crate::shared::{ChangeTx, StorageFailure, TenantId};

/// Reads the sales map.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SalesMapReader: Send + Sync {
    /// The tenant's map; it may come from a cache.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;

    /// The map as it is now: for who met a place that is not on the one they have.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn read_anew(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;
}

/// Changes the sales map inside a transaction. The number of statements does not grow with that of shops. What
/// changes writes a line of the change feed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PlaceWriter: Send {
    /// Lets every other change of this map wait until this one has ended. To be called before anything else here:
    /// changes of a map are rare, and two that wait for each other are none.
    ///
    /// # Errors
    /// [`StorageFailure`] when the others take too long.
    async fn lock_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure>;

    /// A place as it is now. Until the commit nobody puts a shop or another place into it.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        id: i64,
    ) -> Result<Option<Located>, StorageFailure>;

    /// What a place of this kind lies in if this is its parent; `None` if there is no such parent.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn above(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: i64,
    ) -> Result<Option<Above>, StorageFailure>;

    /// The ids of the places that are called so, in English, in Bangla or in another spelling, among those of their kind
    /// with this parent.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn called(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: Option<i64>,
        name: &str,
    ) -> Result<Vec<i64>, StorageFailure>;

    /// Puts a place on the map and gives its id; its name is free and its parent there.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn add(&mut self, place: &NewPlace) -> Result<i64, StorageFailure>;

    /// Gives a locked place these names and this version.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn rename(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
    ) -> Result<(), StorageFailure>;

    /// As [`rename`](Self::rename), and puts it into its new parent, which lies in `above`, with all that is in it.
    /// Gives the number of shops that went along, deleted ones among them.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn relocate(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
        above: &Above,
        at: DateTime<Utc>,
    ) -> Result<i64, StorageFailure>;

    /// What refers to a locked place.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn uses(&mut self, tenant: TenantId, kind: PlaceKind, id: i64)
    -> Result<PlaceUses, StorageFailure>;

    /// Takes a locked place, which nothing refers to, off the map, with its other spellings.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn remove(&mut self, tenant: TenantId, kind: PlaceKind, id: i64) -> Result<(), StorageFailure>;

    /// Adds another spelling to a locked place, and gives the spelling's id.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn add_alias(&mut self, alias: &NewPlaceAlias) -> Result<i64, StorageFailure>;

    /// Takes another spelling away, and gives what it was; `None` if there is none of this id.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn remove_alias(&mut self, tenant: TenantId, id: i64)
    -> Result<Option<PlaceAlias>, StorageFailure>;
}

/// What use cases of the sales map see of a transaction.
pub trait TerritoryTx: ChangeTx {
    /// Places.
    fn places(&mut self) -> &mut dyn PlaceWriter;
}
