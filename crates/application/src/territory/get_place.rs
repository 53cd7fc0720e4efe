use std::sync::Arc;

use haat_domain::shared::StorageFailure;
use haat_domain::territory::{PlaceKind, PlaceWithAncestors, SalesMapReader};

use crate::shared::{Actor, Permission};

/// Reasons why a place cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPlaceError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The tenant's map has no such place.
    #[error("place not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Reads a place, for users who manage the map.
pub struct GetPlace {
    maps: Arc<dyn SalesMapReader>,
}

impl GetPlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>) -> Self {
        Self { maps }
    }

    /// Returns the place.
    ///
    /// # Errors
    /// [`GetPlaceError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        kind: PlaceKind,
        id: i64,
    ) -> Result<PlaceWithAncestors, GetPlaceError> {
        if !actor.may(Permission::ManageMap) {
            return Err(GetPlaceError::Forbidden);
        }
        self.maps.read(actor.tenant).await?.find(kind, id).ok_or(GetPlaceError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, sales_map};

    #[tokio::test]
    async fn admins_read_places_and_sales_reps_are_forbidden() {
        for (role, id, expected) in [
            (Role::Admin, 1, Ok("Gazipur")),
            (Role::Admin, 2, Err(GetPlaceError::NotFound)),
            (Role::SalesRep, 1, Err(GetPlaceError::Forbidden)),
        ] {
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
            let actor = Actor { role, ..actor() };
            let found = GetPlace::new(Arc::new(maps)).execute(&actor, PlaceKind::Area, id).await;
            assert_eq!(found.as_ref().map(|found| &*found.place.name), expected.as_ref().copied());
        }
    }
}
