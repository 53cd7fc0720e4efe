//! Shops as the office sees and changes them.

use chrono::{DateTime, Utc};

use super::{Notes, Points, Retailer, RetailerUid, Routes};
use crate::shared::{AreaId, DistributorId, Phone, RegionId, TerritoryId, TextError, UserId, single_line};

/// The name of a shop: a line of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopName(String);

impl ShopName {
    /// The most characters.
    pub const MAX: usize = 200;

    /// Parses a name; blanks around it are removed.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, Self::MAX).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a territory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The region of the area.
    pub region: RegionId,
    /// The area of the territory.
    pub area: AreaId,
    /// The territory.
    pub territory: TerritoryId,
}

/// A shop about to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRetailer {
    /// What it is called for ever.
    pub uid: RetailerUid,
    /// Its name.
    pub name: ShopName,
    /// Its phone, if known.
    pub phone: Option<Phone>,
    /// The territory it lies in; area and region follow.
    pub territory: TerritoryId,
    /// Who delivers to it, if anyone does.
    pub distributor: Option<DistributorId>,
    /// Loyalty points.
    pub points: Points,
    /// The routes on which it is visited.
    pub routes: Routes,
    /// What is worth knowing of it.
    pub notes: Option<Notes>,
}

/// New values for some of a shop's members; `None` leaves one as it is. The uid never changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetailerEdit {
    /// Its name.
    pub name: Option<ShopName>,
    /// Its phone; `Some(None)` clears it.
    pub phone: Option<Option<Phone>>,
    /// The territory it lies in; area and region follow.
    pub territory: Option<TerritoryId>,
    /// Who delivers to it; `Some(None)`: nobody.
    pub distributor: Option<Option<DistributorId>>,
    /// Loyalty points.
    pub points: Option<Points>,
    /// The routes on which it is visited.
    pub routes: Option<Routes>,
    /// Notes; `Some(None)` clears them.
    pub notes: Option<Option<Notes>>,
}

impl RetailerEdit {
    /// The shop with these values; `place` is where the new territory lies, if one is given.
    #[must_use]
    pub fn of(&self, shop: &Retailer, place: Option<Place>) -> Retailer {
        let mut shop = shop.clone();
        if let Some(name) = &self.name {
            name.as_str().clone_into(&mut shop.name);
        }
        if let Some(phone) = &self.phone {
            shop.phone.clone_from(phone);
        }
        if let Some(place) = place {
            (shop.region, shop.area, shop.territory) = (place.region, place.area, place.territory);
        }
        if let Some(distributor) = self.distributor {
            shop.distributor = distributor;
        }
        if let Some(points) = self.points {
            shop.points = points.get();
        }
        if let Some(routes) = &self.routes {
            shop.routes = routes.as_slice().to_vec();
        }
        if let Some(notes) = &self.notes {
            shop.notes = notes.as_ref().map(|notes| notes.as_str().to_owned());
        }
        shop
    }
}

/// A shop as the office sees it, deleted ones too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeRetailer {
    /// The shop.
    pub retailer: Retailer,
    /// Since when it is known.
    pub created_at: DateTime<Utc>,
    /// Since when it is deleted; none while it is not.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who serves it, in order of username.
    pub sales_reps: Vec<ServingRep>,
}

/// A representative who serves a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingRep {
    /// Who.
    pub id: UserId,
    /// What they log in with.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Since when.
    pub assigned_at: DateTime<Utc>,
}

/// What became of a new shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddedRetailer {
    /// It is there.
    Added(Box<OfficeRetailer>),
    /// Another has its uid, and keeps it when it is deleted.
    Taken {
        /// Whether that one is deleted.
        deleted: bool,
    },
}

/// The state of a shop after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// Its version.
    pub version: i64,
    /// The time of the change.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::RetailerId;

    fn shop() -> Retailer {
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
    fn a_name_is_a_line() {
        assert_eq!(ShopName::parse("  মা স্টোর ").unwrap().as_str(), "মা স্টোর");
        assert_eq!(ShopName::parse("  "), Err(TextError::Empty));
        assert_eq!(ShopName::parse("a\u{0}b"), Err(TextError::Control));
        assert_eq!(ShopName::parse(&"ক".repeat(201)), Err(TextError::TooLong { max: 200 }));
        assert!(ShopName::parse(&"ক".repeat(200)).is_ok());
    }

    #[test]
    fn what_is_not_given_stays() {
        assert_eq!(RetailerEdit::default().of(&shop(), None), shop());
    }

    #[test]
    fn what_is_given_is_new_and_what_is_cleared_is_gone() {
        let place = Place { region: RegionId::new(7), area: AreaId::new(8), territory: TerritoryId::new(9) };
        let edit = RetailerEdit {
            name: ShopName::parse("New").ok(),
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
            ..shop()
        };
        assert_eq!(edit.of(&shop(), Some(place)), expected);
    }
}
