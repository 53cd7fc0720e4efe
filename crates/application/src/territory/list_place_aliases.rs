use std::sync::Arc;

use haat_domain::shared::{Page, PageRequest, StorageFailure};
use haat_domain::territory::{AliasFilter, PlaceAlias, PlaceKey, SalesMapReader};

use crate::shared::{Actor, Permission};

/// Reasons why aliases cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListPlaceAliasesError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Lists the aliases of places, for users who manage the map.
pub struct ListPlaceAliases {
    maps: Arc<dyn SalesMapReader>,
}

impl ListPlaceAliases {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>) -> Self {
        Self { maps }
    }

    /// Returns a page.
    ///
    /// # Errors
    /// [`ListPlaceAliasesError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        filter: &AliasFilter,
        page: &PageRequest<PlaceKey>,
    ) -> Result<Page<PlaceAlias, PlaceKey>, ListPlaceAliasesError> {
        if !actor.may(Permission::ManageMap) {
            return Err(ListPlaceAliasesError::Forbidden);
        }
        Ok(self.maps.read(actor.tenant).await?.aliases(filter, page))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::territory::{AliasedKind, MockSalesMapReader, NamedRef};

    use super::*;
    use crate::testing::{actor, admin, sales_map};

    #[tokio::test]
    async fn admins_list_aliases_and_sales_reps_are_forbidden() {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().times(1).withf(|tenant| *tenant == actor().tenant).returning(|_| {
            let mut map = sales_map();
            let kind = AliasedKind::parse("region").unwrap();
            let place = NamedRef { id: 1, name: "Dhaka".into() };
            map.add_alias(PlaceAlias { id: 31, kind, place, alias: "Dacca".into() });
            Ok(Arc::new(map))
        });
        let list = ListPlaceAliases::new(Arc::new(maps));
        let (filter, page) = (AliasFilter::default(), PageRequest::default());
        let found = list.execute(&admin(), &filter, &page).await.unwrap();
        assert_eq!(found.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [31]);
        let refused = list.execute(&actor(), &filter, &page).await;
        assert_eq!(refused, Err(ListPlaceAliasesError::Forbidden));
    }
}
