use std::sync::Arc;

use haat_domain::retailer::Retailer;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::territory::{SalesMap, SalesMapReader};

/// Returns a map with the places of all these retailers. A cached map may lack a place that was created after
/// it was read; in that case the map is read again.
pub(super) async fn map_for(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    retailers: &[Retailer],
) -> Result<Arc<SalesMap>, StorageFailure> {
    let map = maps.read(tenant).await?;
    if retailers.iter().all(|retailer| covers(&map, retailer)) {
        Ok(map)
    } else {
        maps.read_uncached(tenant).await
    }
}

/// Returns `true` if the map names all places of the retailer.
pub(super) fn covers(map: &SalesMap, retailer: &Retailer) -> bool {
    map.regions.name(retailer.region).is_some()
        && map.areas.name(retailer.area).is_some()
        && map.territories.name(retailer.territory).is_some()
        && retailer.distributor.is_none_or(|id| map.distributors.name(id).is_some())
}
