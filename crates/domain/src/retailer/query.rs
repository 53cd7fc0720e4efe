//! Which shops a list shows, in which order, and where in it a row stands.

use chrono::{DateTime, Utc};

use super::{Retailer, RetailerUid, SearchText};
use crate::shared::{AreaId, DistributorId, RegionId, TerritoryId};

/// What a list is narrowed down to; every part that is given must hold. A part with no ids holds for no shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RetailerFilter {
    /// A part of name, uid or phone.
    pub search: Option<SearchText>,
    /// In one of these regions.
    pub regions: Option<Vec<RegionId>>,
    /// In one of these areas.
    pub areas: Option<Vec<AreaId>>,
    /// In one of these territories.
    pub territories: Option<Vec<TerritoryId>>,
    /// Delivered to by one of these distributors.
    pub distributors: Option<Vec<DistributorId>>,
    /// Served by somebody, or by nobody.
    pub service: Option<Service>,
    /// The deleted ones, which nobody serves, instead of the others.
    pub deleted: bool,
}

/// Whether anybody serves a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Somebody does.
    Assigned,
    /// Nobody does.
    Unassigned,
}

impl RetailerFilter {
    /// Whether it leaves none of the shops that somebody serves, such as those of a representative.
    #[must_use]
    pub fn leaves_no_served_shop(&self) -> bool {
        self.deleted || self.service == Some(Service::Unassigned)
    }
}

/// The column by which shops are sorted; the uid breaks ties, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetailerSortField {
    /// By name, in code point order.
    Name,
    /// By uid, in code point order.
    Uid,
    /// By points.
    Points,
    /// By the time of the last change.
    UpdatedAt,
}

/// The order of a list of shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetailerSort {
    /// By what.
    pub field: RetailerSortField,
    /// From last to first.
    pub descending: bool,
}

impl Default for RetailerSort {
    fn default() -> Self {
        Self { field: RetailerSortField::Name, descending: false }
    }
}

/// A list of shops, of which pages are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RetailerQuery {
    /// Which.
    pub filter: RetailerFilter,
    /// In which order.
    pub sort: RetailerSort,
}

/// Where a row stands in a list of shops: the uid is unique, so no two rows stand in one place. Keys of one list
/// compare as its rows do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetailerKey {
    /// In a list sorted by name.
    Name {
        /// The row's name.
        name: String,
        /// The row's uid, which breaks the tie between equal names.
        uid: RetailerUid,
    },
    /// In a list sorted by uid.
    Uid(RetailerUid),
    /// In a list sorted by points.
    Points {
        /// The row's points.
        points: i32,
        /// The row's uid.
        uid: RetailerUid,
    },
    /// In a list sorted by the time of the last change.
    UpdatedAt {
        /// The row's time, in whole microseconds as Postgres keeps it.
        at: DateTime<Utc>,
        /// The row's uid.
        uid: RetailerUid,
    },
}

impl RetailerKey {
    /// Where `row` stands in a list sorted by `field`.
    #[must_use]
    pub fn of(row: &Retailer, field: RetailerSortField) -> Self {
        let uid = row.uid.clone();
        match field {
            RetailerSortField::Name => Self::Name { name: row.name.clone(), uid },
            RetailerSortField::Uid => Self::Uid(uid),
            RetailerSortField::Points => Self::Points { points: row.points, uid },
            RetailerSortField::UpdatedAt => Self::UpdatedAt { at: row.updated_at, uid },
        }
    }

    /// The column this key belongs to.
    #[must_use]
    pub const fn field(&self) -> RetailerSortField {
        match self {
            Self::Name { .. } => RetailerSortField::Name,
            Self::Uid(_) => RetailerSortField::Uid,
            Self::Points { .. } => RetailerSortField::Points,
            Self::UpdatedAt { .. } => RetailerSortField::UpdatedAt,
        }
    }
}
