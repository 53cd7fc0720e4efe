use std::sync::Arc;

use haat_domain::retailer::SearchText;
use haat_domain::shared::{AreaId, Page, PageRequest, RegionId, StorageFailure};
use haat_domain::territory::{PlaceFilter, PlaceKey, PlaceKind, PlaceWithAncestors, SalesMapReader};

use crate::retailer::PlaceSelector;
use crate::shared::Actor;

/// A query for places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPlacesInput {
    /// The kind.
    pub kind: PlaceKind,
    /// A part of any of the place's names.
    pub search: Option<SearchText>,
    /// The region.
    pub region: Option<PlaceSelector>,
    /// The area.
    pub area: Option<PlaceSelector>,
    /// The page.
    pub page: PageRequest<PlaceKey>,
}

/// Lists the places of the caller's tenant. Every user of the tenant may read them.
pub struct ListPlaces {
    maps: Arc<dyn SalesMapReader>,
}

impl ListPlaces {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>) -> Self {
        Self { maps }
    }

    /// Returns a page. An unknown name of a region or area matches no place, like an unknown id.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ListPlacesInput,
    ) -> Result<Page<PlaceWithAncestors, PlaceKey>, StorageFailure> {
        let map = self.maps.read(actor.tenant).await?;
        let filter = PlaceFilter {
            search: input.search.clone(),
            regions: input.region.as_ref().map(|place| place.ids(RegionId::new, &map.regions)),
            areas: input.area.as_ref().map(|place| place.ids(AreaId::new, &map.areas)),
        };
        Ok(map.list(input.kind, &filter, &input.page))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, sales_map};

    #[tokio::test]
    async fn resolves_names_to_ids_and_unknown_names_to_nothing() {
        for (region, count) in [
            (None, 1),
            (Some(PlaceSelector::Id(1)), 1),
            (Some(PlaceSelector::Name("Dhaka".into())), 1),
            (Some(PlaceSelector::Id(2)), 0),
            (Some(PlaceSelector::Name("Atlantis".into())), 0),
        ] {
            let mut maps = MockSalesMapReader::new();
            maps.expect_read()
                .times(1)
                .withf(|tenant| *tenant == actor().tenant)
                .returning(|_| Ok(Arc::new(sales_map())));
            let input = ListPlacesInput {
                kind: PlaceKind::Territory,
                search: None,
                region: region.clone(),
                area: None,
                page: PageRequest::default(),
            };
            let page = ListPlaces::new(Arc::new(maps)).execute(&actor(), &input).await.unwrap();
            assert_eq!(page.rows.len(), count, "{region:?}");
        }
    }
}
