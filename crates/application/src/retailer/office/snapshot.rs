//! What the changes of a shop have in common: its members for the audit log, and the map for the answer.

use std::sync::Arc;

use haat_domain::audit::Snapshot;
use haat_domain::retailer::{OfficeRetailer, OfficeRetailerWriter, Place, Retailer};
use haat_domain::shared::{DistributorId, Phone, StorageFailure, TenantId, TerritoryId};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::FoundInPool;
use crate::retailer::shows;

/// All members that can change, and the version.
pub(super) fn members(shop: &Retailer) -> Snapshot {
    vec![
        ("name", shop.name.as_str().into()),
        ("phone", shop.phone.as_ref().map(Phone::as_str).into()),
        ("region", shop.region.get().into()),
        ("area", shop.area.get().into()),
        ("territory", shop.territory.get().into()),
        ("distributor", shop.distributor.map(DistributorId::get).into()),
        ("points", i64::from(shop.points).into()),
        ("routes", shop.routes.as_slice().into()),
        ("notes", shop.notes.as_deref().into()),
        ("version", shop.version.into()),
    ]
}

/// The members that differ, as they were and as they are.
pub(super) fn difference(before: &Retailer, after: &Retailer) -> (Snapshot, Snapshot) {
    members(before).into_iter().zip(members(after)).filter(|(before, after)| before != after).unzip()
}

/// Places that were named and are not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnknownPlaces {
    /// No such territory.
    pub territory: bool,
    /// No such distributor.
    pub distributor: bool,
}

impl UnknownPlaces {
    /// Whether all are known.
    pub(super) fn is_none(self) -> bool {
        !self.territory && !self.distributor
    }
}

/// Locks the places that are named.
pub(super) async fn lock_places(
    shops: &mut dyn OfficeRetailerWriter,
    tenant: TenantId,
    territory: Option<TerritoryId>,
    distributor: Option<DistributorId>,
) -> Result<(Option<Place>, UnknownPlaces), StorageFailure> {
    let mut unknown = UnknownPlaces::default();
    let mut place = None;
    if let Some(territory) = territory {
        place = shops.lock_place(tenant, territory).await?;
        unknown.territory = place.is_none();
    }
    if let Some(distributor) = distributor {
        unknown.distributor = !shops.lock_distributor(tenant, distributor).await?;
    }
    Ok((place, unknown))
}

/// A map for the answer, with the places that are named, if there are such. Read before a transaction is open: it may ask
/// the database on another connection, and who holds one must not wait for one.
pub(super) async fn map_with(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    territory: Option<TerritoryId>,
    distributor: Option<DistributorId>,
) -> Result<Arc<SalesMap>, StorageFailure> {
    let map = maps.read(tenant).await?;
    let has_all = territory.is_none_or(|id| map.territories.name(id).is_some())
        && distributor.is_none_or(|id| map.distributors.name(id).is_some());
    if has_all { Ok(map) } else { maps.read_anew(tenant).await }
}

/// The shop on its map. Only one that lies in a place made a moment ago, by somebody else, is not on it.
pub(super) fn on_map(shop: OfficeRetailer, map: Arc<SalesMap>) -> Result<FoundInPool, StorageFailure> {
    if shows(&map, &shop.retailer) {
        Ok(FoundInPool { shop, map })
    } else {
        let newer = "the shop lies in a place that is newer than the map".to_owned();
        Err(StorageFailure::Contended(newer))
    }
}
