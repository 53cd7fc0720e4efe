use chrono::{DateTime, Utc};

use super::RetailerUid;
use crate::shared::{AreaId, DistributorId, Phone, RegionId, RetailerId, TerritoryId};
use crate::territory::Named;

/// A shop as a reader sees it, with the names of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetailerView {
    /// The internal id.
    pub id: RetailerId,
    /// The public name.
    pub uid: RetailerUid,
    /// The shop's name, as typed.
    pub name: String,
    /// The shop's phone, if one is known.
    pub phone: Option<Phone>,
    /// The region it lies in.
    pub region: Named<RegionId>,
    /// The area it lies in.
    pub area: Named<AreaId>,
    /// The territory it lies in.
    pub territory: Named<TerritoryId>,
    /// Who delivers to it, if anyone does.
    pub distributor: Option<Named<DistributorId>>,
    /// Loyalty points, never negative.
    pub points: i32,
    /// The routes on which it is visited.
    pub routes: Vec<String>,
    /// What the sales representative wrote down.
    pub notes: Option<String>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
    /// Raised by every change; starts at 1.
    pub version: i64,
    /// Since when the calling representative serves it; none outside a representative's own list.
    pub assigned_at: Option<DateTime<Utc>>,
}

/// The column by which shops are sorted; the uid breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetailerSortField {
    /// By name, in code point order.
    Name,
    /// By uid, in code point order.
    Uid,
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

/// Where a row stands in a list of shops: the uid is unique, so no two rows stand in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl RetailerKey {
    /// Where `row` stands in a list sorted by `field`.
    #[must_use]
    pub fn of(row: &RetailerView, field: RetailerSortField) -> Self {
        match field {
            RetailerSortField::Name => Self::Name { name: row.name.clone(), uid: row.uid.clone() },
            RetailerSortField::Uid => Self::Uid(row.uid.clone()),
        }
    }

    /// The column this key belongs to.
    #[must_use]
    pub const fn field(&self) -> RetailerSortField {
        match self {
            Self::Name { .. } => RetailerSortField::Name,
            Self::Uid(_) => RetailerSortField::Uid,
        }
    }
}
