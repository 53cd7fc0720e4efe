//! Helpers shared by the changes of retailers: audit snapshots, locks on places, and the map for the
//! response.

use std::sync::Arc;

use haat_domain::audit::Snapshot;
use haat_domain::retailer::{Place, PoolRetailer, PoolRetailerWriter, Retailer};
use haat_domain::shared::{DistributorId, Phone, StorageFailure, TenantId, TerritoryId};
use haat_domain::territory::{SalesMap, SalesMapReader};

use crate::retailer::covers;
use crate::shared::{FieldError, Text};

/// A retailer of the pool, and a map with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInPool {
    /// The retailer.
    pub pool_retailer: PoolRetailer,
    /// The map with its places.
    pub map: Arc<SalesMap>,
}

/// Returns all members that can change, and the version.
pub(super) fn members(pool_retailer: &Retailer) -> Snapshot {
    vec![
        ("name", pool_retailer.name.as_str().into()),
        ("phone", pool_retailer.phone.as_ref().map(Phone::as_str).into()),
        ("region", pool_retailer.region.get().into()),
        ("area", pool_retailer.area.get().into()),
        ("territory", pool_retailer.territory.get().into()),
        ("distributor", pool_retailer.distributor.map(DistributorId::get).into()),
        ("points", i64::from(pool_retailer.points).into()),
        ("routes", pool_retailer.routes.as_slice().into()),
        ("notes", pool_retailer.notes.as_deref().into()),
        ("version", pool_retailer.version.into()),
    ]
}

/// Returns the members that differ, with their values before and after.
pub(super) fn difference(before: &Retailer, after: &Retailer) -> (Snapshot, Snapshot) {
    members(before).into_iter().zip(members(after)).filter(|(before, after)| before != after).unzip()
}

/// The territory of the input does not exist.
pub(super) fn unknown_territory() -> FieldError {
    let message = Text::fixed("no territory has this id", "এই আইডির কোনো টেরিটরি নেই");
    FieldError::new("territory", "not-found", message)
}

/// The distributor of the input does not exist.
pub(super) fn unknown_distributor() -> FieldError {
    let message = Text::fixed("no distributor has this id", "এই আইডির কোনো পরিবেশক নেই");
    FieldError::new("distributor", "not-found", message)
}

/// Locks the places of the input. Returns the position of the territory, and an error for each place that does not
/// exist.
pub(super) async fn lock_places(
    retailers: &mut dyn PoolRetailerWriter,
    tenant: TenantId,
    territory: Option<TerritoryId>,
    distributor: Option<DistributorId>,
) -> Result<(Option<Place>, Vec<FieldError>), StorageFailure> {
    let (mut place, mut unknown) = (None, Vec::new());
    if let Some(territory) = territory {
        place = retailers.lock_place(tenant, territory).await?;
        unknown.extend(place.is_none().then(unknown_territory));
    }
    if let Some(distributor) = distributor {
        let known = retailers.lock_distributor(tenant, distributor).await?;
        unknown.extend((!known).then(unknown_distributor));
    }
    Ok((place, unknown))
}

/// Returns a map for the response, with the places of the input if they exist. Call it before a transaction
/// begins: it may read on another connection, and a transaction that holds a connection must not wait for
/// another.
pub(super) async fn map_with(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    territory: Option<TerritoryId>,
    distributor: Option<DistributorId>,
) -> Result<Arc<SalesMap>, StorageFailure> {
    let map = maps.read(tenant).await?;
    let has_all = territory.is_none_or(|id| map.territories.name(id).is_some())
        && distributor.is_none_or(|id| map.distributors.name(id).is_some());
    if has_all { Ok(map) } else { maps.read_uncached(tenant).await }
}

/// Combines the retailer with its map. Fails only if another user has just created one of its places.
pub(super) fn on_map(pool_retailer: PoolRetailer, map: Arc<SalesMap>) -> Result<FoundInPool, StorageFailure> {
    if covers(&map, &pool_retailer.retailer) {
        Ok(FoundInPool { pool_retailer, map })
    } else {
        let reason = "the retailer is in a place that the map does not have yet".to_owned();
        Err(StorageFailure::Contended(reason))
    }
}
