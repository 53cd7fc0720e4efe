use std::sync::Arc;

use haat_domain::shared::StorageFailure;
use haat_domain::territory::{Located, PlaceKind, SalesMapReader};

use crate::shared::{Actor, Permission};

/// Why there is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPlaceError {
    /// The caller does not keep the map.
    #[error("the caller may not do this")]
    Forbidden,
    /// No such place on the caller's map.
    #[error("there is no such place")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// One place, for who keeps the map.
pub struct GetPlace {
    maps: Arc<dyn SalesMapReader>,
}

impl GetPlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>) -> Self {
        Self { maps }
    }

    /// The place.
    ///
    /// # Errors
    /// [`GetPlaceError`].
    pub async fn execute(&self, actor: &Actor, kind: PlaceKind, id: i64) -> Result<Located, GetPlaceError> {
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
    async fn the_office_finds_what_is_on_its_map() {
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
