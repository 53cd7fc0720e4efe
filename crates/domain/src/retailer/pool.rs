//! Retailers as administrators see and change them.

use chrono::{DateTime, Utc};

use super::{Notes, Points, Retailer, RetailerUid, Routes};
use crate::shared::{AreaId, DistributorId, Phone, RegionId, TerritoryId, UserId, line_value};

line_value! {
    /// The name of a retailer: a line of 1 to 200 characters.
    RetailerName, max: 200
}

/// The position of a territory on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The region of the area.
    pub region: RegionId,
    /// The area of the territory.
    pub area: AreaId,
    /// The territory.
    pub territory: TerritoryId,
}

/// A retailer to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRetailer {
    /// The uid, which never changes.
    pub uid: RetailerUid,
    /// The name.
    pub name: RetailerName,
    /// The phone, if known.
    pub phone: Option<Phone>,
    /// The territory it lies in; it determines area and region.
    pub territory: TerritoryId,
    /// The distributor, if there is one.
    pub distributor: Option<DistributorId>,
    /// Loyalty points.
    pub points: Points,
    /// The routes on which it is visited.
    pub routes: Routes,
    /// Notes.
    pub notes: Option<Notes>,
}

/// New values for some attributes of a retailer; `None` leaves an attribute unchanged. The uid never changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolRetailerPatch {
    /// The name.
    pub name: Option<RetailerName>,
    /// The phone; `Some(None)` removes it.
    pub phone: Option<Option<Phone>>,
    /// The territory it lies in; it determines area and region.
    pub territory: Option<TerritoryId>,
    /// The distributor; `Some(None)` removes it.
    pub distributor: Option<Option<DistributorId>>,
    /// Loyalty points.
    pub points: Option<Points>,
    /// The routes on which it is visited.
    pub routes: Option<Routes>,
    /// Notes; `Some(None)` clears them.
    pub notes: Option<Option<Notes>>,
}

impl PoolRetailerPatch {
    /// Returns true if it moves the retailer or changes its distributor, and nothing else.
    #[must_use]
    pub fn changes_places_only(&self) -> bool {
        let Self { territory, distributor, .. } = *self;
        let places = Self { territory, distributor, ..Self::default() };
        *self == places && places != Self::default()
    }

    /// Returns the retailer with these values; `place` is the position of the new territory, if one is given.
    #[must_use]
    pub fn of(&self, pool_retailer: &Retailer, place: Option<Place>) -> Retailer {
        let mut pool_retailer = pool_retailer.clone();
        if let Some(name) = &self.name {
            name.as_str().clone_into(&mut pool_retailer.name);
        }
        if let Some(phone) = &self.phone {
            pool_retailer.phone.clone_from(phone);
        }
        if let Some(place) = place {
            (pool_retailer.region, pool_retailer.area, pool_retailer.territory) =
                (place.region, place.area, place.territory);
        }
        if let Some(distributor) = self.distributor {
            pool_retailer.distributor = distributor;
        }
        if let Some(points) = self.points {
            pool_retailer.points = points.get();
        }
        if let Some(routes) = &self.routes {
            pool_retailer.routes = routes.as_slice().to_vec();
        }
        if let Some(notes) = &self.notes {
            pool_retailer.notes = notes.as_ref().map(|notes| notes.as_str().to_owned());
        }
        pool_retailer
    }
}

/// A retailer as administrators see it, including a deleted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRetailer {
    /// The retailer.
    pub retailer: Retailer,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The time of deletion; `None` if it is not deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// The sales reps who serve it, sorted by username.
    pub sales_reps: Vec<ServingRep>,
}

/// A sales rep who serves a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingRep {
    /// The user id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The name.
    pub name: String,
    /// The start of the assignment.
    pub assigned_at: DateTime<Utc>,
}

/// The result of adding a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddedRetailer {
    /// The retailer was added.
    Added(Box<PoolRetailer>),
    /// Another retailer has the uid. A deleted retailer keeps its uid.
    Taken {
        /// True if the other retailer is deleted.
        deleted: bool,
    },
}

/// The version of a retailer after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The version.
    pub version: i64,
    /// The time of the change.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::RetailerId;
    use crate::shared::TextError;

    fn pool_retailer() -> Retailer {
        Retailer {
            id: RetailerId::new(1),
            uid: RetailerUid::parse("RTL-1").unwrap(),
            name: "Ma Store".into(),
            phone: Phone::parse("01711234567").ok(),
            region: RegionId::new(1),
            area: AreaId::new(2),
            territory: TerritoryId::new(3),
            distributor: Some(DistributorId::new(4)),
            points: 5,
            routes: vec!["Bazar".into()],
            notes: Some("closed on Fridays".into()),
            updated_at: DateTime::UNIX_EPOCH,
            version: 6,
            assigned_at: None,
        }
    }

    #[test]
    fn names_of_retailers_are_one_line() {
        assert_eq!(RetailerName::parse("  মা স্টোর ").unwrap().as_str(), "মা স্টোর");
        assert_eq!(RetailerName::parse("  "), Err(TextError::Empty));
        assert_eq!(RetailerName::parse("a\u{0}b"), Err(TextError::Control));
        assert_eq!(RetailerName::parse(&"ক".repeat(201)), Err(TextError::TooLong { max: 200 }));
        assert!(RetailerName::parse(&"ক".repeat(200)).is_ok());
    }

    #[test]
    fn an_empty_patch_changes_nothing() {
        assert_eq!(PoolRetailerPatch::default().of(&pool_retailer(), None), pool_retailer());
    }

    #[test]
    fn a_patch_sets_and_clears_the_given_attributes() {
        let place = Place { region: RegionId::new(7), area: AreaId::new(8), territory: TerritoryId::new(9) };
        let patch = PoolRetailerPatch {
            name: RetailerName::parse("New").ok(),
            phone: Some(None),
            territory: Some(place.territory),
            distributor: Some(None),
            points: Points::parse(0).ok(),
            routes: Some(Routes::default()),
            notes: Some(None),
        };
        let expected = Retailer {
            name: "New".into(),
            phone: None,
            region: RegionId::new(7),
            area: AreaId::new(8),
            territory: TerritoryId::new(9),
            distributor: None,
            points: 0,
            routes: vec![],
            notes: None,
            ..pool_retailer()
        };
        assert_eq!(patch.of(&pool_retailer(), Some(place)), expected);
    }
}
