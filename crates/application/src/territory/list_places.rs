use std::sync::Arc;

use haat_domain::retailer::SearchText;
use haat_domain::shared::{AreaId, Page, PageRequest, RegionId, StorageFailure};
use haat_domain::territory::{Located, PlaceFilter, PlaceKey, PlaceKind, SalesMapReader};

use crate::retailer::PlaceRef;
use crate::shared::Actor;

/// Which places are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPlacesInput {
    /// Of this kind.
    pub kind: PlaceKind,
    /// With this as a part of any of their names.
    pub search: Option<SearchText>,
    /// In this region.
    pub region: Option<PlaceRef>,
    /// In this area.
    pub area: Option<PlaceRef>,
    /// The page.
    pub page: PageRequest<PlaceKey>,
}

/// The places of the caller's company. They are no secret to anybody who works there.
pub struct ListPlaces {
    maps: Arc<dyn SalesMapReader>,
}

impl ListPlaces {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>) -> Self {
        Self { maps }
    }

    /// One page. A name that nothing is called leaves no place, as an unknown id does.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ListPlacesInput,
    ) -> Result<Page<Located, PlaceKey>, StorageFailure> {
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
    async fn names_become_ids_and_an_unknown_one_leaves_nothing() {
        for (region, found) in [
            (None, 1),
            (Some(PlaceRef::Id(1)), 1),
            (Some(PlaceRef::Name("Dhaka".into())), 1),
            (Some(PlaceRef::Id(2)), 0),
            (Some(PlaceRef::Name("Atlantis".into())), 0),
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
            assert_eq!(page.rows.len(), found, "{region:?}");
        }
    }
}
