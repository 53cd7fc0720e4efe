use std::sync::Arc;

use super::{PlaceKind, PlaceName};
use crate::shared::TenantId;

/// A region, area, territory or distributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id among those of its kind.
    pub id: i64,
    /// Name.
    pub name: Arc<str>,
    /// Name in Bangla.
    pub name_bn: Option<Arc<str>>,
    /// The region of an area, the area of a territory.
    pub parent: Option<i64>,
    /// Raised by every change.
    pub version: i64,
}

/// A place as another one shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: Arc<str>,
}

/// What a place lies in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Above {
    /// The area of a territory.
    pub area: Option<Named>,
    /// The region of an area or a territory.
    pub region: Option<Named>,
}

/// A place and what it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The place.
    pub place: Place,
    /// What it lies in.
    pub above: Above,
}

/// Where a place stands in a list: by name, and by id among those of one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceKey {
    /// Name.
    pub name: Arc<str>,
    /// Id.
    pub id: i64,
}

impl PlaceKey {
    /// Where this place stands.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self { name: place.name.clone(), id: place.id }
    }
}

/// A place to be put on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// Whose map.
    pub tenant: TenantId,
    /// What it is.
    pub kind: PlaceKind,
    /// Name.
    pub name: PlaceName,
    /// Name in Bangla.
    pub name_bn: Option<PlaceName>,
    /// The region of an area, the area of a territory.
    pub parent: Option<i64>,
}

/// New values for a place. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceChange {
    /// Name.
    pub name: Option<PlaceName>,
    /// Name in Bangla; `Some(None)` takes it away.
    pub name_bn: Option<Option<PlaceName>>,
    /// What it is to lie in.
    pub parent: Option<i64>,
}

impl PlaceChange {
    /// The place as it would be, of the same version.
    #[must_use]
    pub fn of(&self, place: &Place) -> Place {
        let mut changed = place.clone();
        if let Some(name) = &self.name {
            changed.name = name.as_str().into();
        }
        if let Some(name) = &self.name_bn {
            changed.name_bn = name.as_ref().map(|name| name.as_str().into());
        }
        changed.parent = self.parent.or(place.parent);
        changed
    }
}

/// How many of what still refer to a place; `None` where nothing of that kind can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceUses {
    /// Areas in it.
    pub areas: Option<i64>,
    /// Territories in it.
    pub territories: Option<i64>,
    /// Shops in it, or that it delivers to.
    pub retailers: i64,
    /// The same of deleted shops: they can be restored, and then need it.
    pub deleted_retailers: i64,
}

impl PlaceUses {
    /// Whether nothing refers to it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let counts = [self.areas, self.territories, Some(self.retailers), Some(self.deleted_retailers)];
        counts.iter().flatten().all(|count| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PlaceName {
        PlaceName::parse(text).unwrap()
    }

    #[test]
    fn a_change_leaves_alone_what_it_does_not_name() {
        let place =
            Place {
                id: 3, name: "Dhaka".into(), name_bn: Some("ঢাকা".into()), parent: Some(1), version: 4
            };
        assert_eq!(PlaceChange::default().of(&place), place);
        let change = PlaceChange { name: Some(name("Dacca")), name_bn: Some(None), parent: Some(2) };
        let expected = Place { name: "Dacca".into(), name_bn: None, parent: Some(2), ..place.clone() };
        assert_eq!(change.of(&place), expected);
        let change =
            PlaceChange { name_bn: Some(Some(name("রাজধানী"))), ..PlaceChange::default() };
        assert_eq!(change.of(&place).name_bn.as_deref(), Some("রাজধানী"));
    }

    #[test]
    fn anything_that_refers_to_a_place_is_a_use() {
        let none = PlaceUses { areas: Some(0), ..PlaceUses::default() };
        assert!(none.is_none());
        for uses in [
            PlaceUses { areas: Some(1), ..none },
            PlaceUses { territories: Some(1), ..none },
            PlaceUses { retailers: 1, ..none },
            PlaceUses { deleted_retailers: 1, ..none },
        ] {
            assert!(!uses.is_none(), "{uses:?}");
        }
    }
}
