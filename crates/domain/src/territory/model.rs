use std::sync::Arc;

use super::{NameLanguage, PlaceKind, PlaceName};
use crate::shared::TenantId;

/// A region, area, territory or distributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The id, unique within its kind.
    pub id: i64,
    /// Name.
    pub name: Arc<str>,
    /// Name in Bangla.
    pub name_bn: Option<Arc<str>>,
    /// The region of an area, the area of a territory.
    pub parent: Option<i64>,
    /// The version, raised by every change.
    pub version: i64,
}

impl Place {
    /// Returns the name in a language.
    #[must_use]
    pub fn name_in(&self, language: NameLanguage) -> &Arc<str> {
        match language {
            NameLanguage::English => &self.name,
            NameLanguage::Bangla => self.name_bn.as_ref().unwrap_or(&self.name),
        }
    }
}

/// A reference to a place, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRef {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: Arc<str>,
}

/// The ancestors of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ancestors {
    /// The area of a territory.
    pub area: Option<NamedRef>,
    /// The region of an area or a territory.
    pub region: Option<NamedRef>,
}

/// A place and its ancestors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceWithAncestors {
    /// The place.
    pub place: Place,
    /// The ancestors.
    pub ancestors: Ancestors,
}

/// The position of a place in a list: by name, then by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceKey {
    /// Name.
    pub name: Arc<str>,
    /// Id.
    pub id: i64,
}

impl PlaceKey {
    /// Returns the position of this place.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self { name: place.name.clone(), id: place.id }
    }
}

/// A place to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// The tenant.
    pub tenant: TenantId,
    /// The kind.
    pub kind: PlaceKind,
    /// Name.
    pub name: PlaceName,
    /// Name in Bangla.
    pub name_bn: Option<PlaceName>,
    /// The region of an area, the area of a territory.
    pub parent: Option<i64>,
}

/// New values for a place; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceChange {
    /// Name.
    pub name: Option<PlaceName>,
    /// Name in Bangla; `Some(None)` removes it.
    pub name_bn: Option<Option<PlaceName>>,
    /// The new parent.
    pub parent: Option<i64>,
}

impl PlaceChange {
    /// Returns the place with these values and the same version.
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

/// The number of references to a place by entity type; `None` if entities of that type cannot refer to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceReferences {
    /// Areas in it.
    pub areas: Option<i64>,
    /// Territories in it.
    pub territories: Option<i64>,
    /// Teams whose home area it is.
    pub teams: Option<i64>,
    /// Roles of users for it.
    pub roles: Option<i64>,
    /// Retailers in it, or to which it delivers.
    pub retailers: i64,
    /// The same for deleted retailers: they need it if they are restored.
    pub deleted_retailers: i64,
}

impl PlaceReferences {
    /// Returns true if nothing refers to the place.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let Self { areas, territories, teams, roles, retailers, deleted_retailers } = *self;
        let counts = [areas, territories, teams, roles, Some(retailers), Some(deleted_retailers)];
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
    fn a_change_sets_only_the_given_values() {
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
    fn every_reference_to_a_place_counts() {
        let none = PlaceReferences { areas: Some(0), ..PlaceReferences::default() };
        assert!(none.is_none());
        for references in [
            PlaceReferences { areas: Some(1), ..none },
            PlaceReferences { territories: Some(1), ..none },
            PlaceReferences { teams: Some(1), ..none },
            PlaceReferences { roles: Some(1), ..none },
            PlaceReferences { retailers: 1, ..none },
            PlaceReferences { deleted_retailers: 1, ..none },
        ] {
            assert!(!references.is_none(), "{references:?}");
        }
    }
}
