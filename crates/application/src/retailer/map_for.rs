use std::sync::Arc;

use haat_domain::retailer::Retailer;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::territory::{SalesMap, SalesMapReader};

/// A map on which the places of all these shops are. One from a cache may lack a place that is newer than it.
pub(super) async fn map_for(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    shops: &[Retailer],
) -> Result<Arc<SalesMap>, StorageFailure> {
    let map = maps.read(tenant).await?;
    if shops.iter().all(|shop| shows(&map, shop)) { Ok(map) } else { maps.read_anew(tenant).await }
}

pub(super) fn shows(map: &SalesMap, shop: &Retailer) -> bool {
    map.regions.name(shop.region).is_some()
        && map.areas.name(shop.area).is_some()
        && map.territories.name(shop.territory).is_some()
        && shop.distributor.is_none_or(|id| map.distributors.name(id).is_some())
}
