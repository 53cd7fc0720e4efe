//! Retailer lists: filter, sort order and position.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Retailer, RetailerUid};
use crate::shared::{
    AreaId, DistributorId, RegionId, RetailerId, SearchMatch, SearchText, TerritoryId, UserId,
};

/// The filter of a retailer list; all given parts must match. A part without ids matches no retailer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RetailerFilter {
    /// Retailers with this text in name, uid or phone.
    pub search: Option<SearchText>,
    /// The kind of match.
    pub matching: SearchMatch,
    /// True if the search ignores phones.
    pub without_phone: bool,
    /// Retailers in one of these regions.
    pub regions: Option<Vec<RegionId>>,
    /// Retailers in one of these areas.
    pub areas: Option<Vec<AreaId>>,
    /// Retailers in one of these territories.
    pub territories: Option<Vec<TerritoryId>>,
    /// Retailers of one of these distributors.
    pub distributors: Option<Vec<DistributorId>>,
    /// Retailers assigned to this sales rep.
    pub rep: Option<UserId>,
    /// Retailers assigned to at least one of these sales reps.
    pub served_by: Option<Arc<[UserId]>>,
    /// These retailers.
    pub ids: Option<Arc<[RetailerId]>>,
    /// Retailers with or without a sales rep.
    pub service: Option<Service>,
    /// Deleted retailers, which have no sales rep, instead of the others.
    pub deleted: bool,
}

/// The assignment state of a retailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// At least one sales rep serves it.
    Assigned,
    /// No sales rep serves it.
    Unassigned,
}

impl RetailerFilter {
    /// Returns true if the filter matches no assigned retailer, and thus none of a sales rep's list.
    #[must_use]
    pub fn leaves_no_served_retailer(&self) -> bool {
        self.deleted || self.service == Some(Service::Unassigned)
    }

    /// Returns true if a part of the filter has no ids.
    #[must_use]
    pub(super) fn matches_nothing(&self) -> bool {
        self.regions.as_ref().is_some_and(Vec::is_empty)
            || self.areas.as_ref().is_some_and(Vec::is_empty)
            || self.territories.as_ref().is_some_and(Vec::is_empty)
            || self.distributors.as_ref().is_some_and(Vec::is_empty)
            || self.served_by.as_ref().is_some_and(|reps| reps.is_empty())
            || self.ids.as_ref().is_some_and(|ids| ids.is_empty())
    }

    /// Returns true if the filter selects from a whole pool, and not from the retailers of some sales reps or from listed
    /// retailers, which are few.
    #[must_use]
    pub const fn is_of_pool(&self) -> bool {
        self.rep.is_none() && self.served_by.is_none() && self.ids.is_none()
    }
}

/// The sort column of a retailer list; the uid breaks ties, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetailerSortField {
    /// The name, in code point order.
    Name,
    /// The uid, in code point order.
    Uid,
    /// The points.
    Points,
    /// The time of the last change.
    UpdatedAt,
}

impl RetailerSortField {
    /// Compares two retailers by this column, then by uid.
    #[must_use]
    pub fn compare(self, a: &Retailer, b: &Retailer) -> Ordering {
        let column = match self {
            Self::Name => a.name.cmp(&b.name),
            Self::Uid => Ordering::Equal,
            Self::Points => a.points.cmp(&b.points),
            Self::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        };
        column.then_with(|| a.uid.cmp(&b.uid))
    }
}

/// The sort order of a retailer list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetailerSort {
    /// The sort column.
    pub field: RetailerSortField,
    /// True for descending order.
    pub descending: bool,
}

impl RetailerSort {
    /// Compares two retailers in this order.
    #[must_use]
    pub fn compare(self, a: &Retailer, b: &Retailer) -> Ordering {
        self.directed(self.field.compare(a, b))
    }

    /// Reverses the order of two rows if the list is descending.
    pub(super) const fn directed(self, ascending: Ordering) -> Ordering {
        if self.descending { ascending.reverse() } else { ascending }
    }
}

impl Default for RetailerSort {
    fn default() -> Self {
        Self { field: RetailerSortField::Name, descending: false }
    }
}

/// The filter and the sort order of a retailer list, and the number of rows to skip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RetailerQuery {
    /// The filter.
    pub filter: RetailerFilter,
    /// The sort order.
    pub sort: RetailerSort,
    /// The number of rows to skip first, for numbered pages. Skipped rows cost as much as returned rows, so this
    /// is only for short lists.
    pub skip: u64,
}

/// The position of a row in a list with a search: retailers that contain the text come first, then those that contain
/// only its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPosition {
    /// True in the second part.
    pub by_words: bool,
    /// The position in the part.
    pub key: RetailerKey,
}

impl SearchPosition {
    /// Returns the position of `row` in a part that is sorted by `field`.
    #[must_use]
    pub fn of(row: &Retailer, field: RetailerSortField, by_words: bool) -> Self {
        Self { by_words, key: RetailerKey::of(row, field) }
    }
}

/// The position of a row in a retailer list. The uid is unique, so no two rows have the same position. The
/// keys of one list compare in the order of its rows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetailerKey {
    /// The position in a list sorted by name.
    Name {
        /// The row's name.
        name: String,
        /// The row's uid, which breaks the tie between equal names.
        uid: RetailerUid,
    },
    /// The position in a list sorted by uid.
    Uid(RetailerUid),
    /// The position in a list sorted by points.
    Points {
        /// The row's points.
        points: i32,
        /// The row's uid.
        uid: RetailerUid,
    },
    /// The position in a list sorted by the time of the last change.
    UpdatedAt {
        /// The row's time, in whole microseconds as stored by Postgres.
        at: DateTime<Utc>,
        /// The row's uid.
        uid: RetailerUid,
    },
}

impl RetailerKey {
    /// Returns the position of `row` in a list sorted by `field`.
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

    /// Compares this position with that of a row in the same list.
    #[must_use]
    pub fn compare(&self, row: &Retailer) -> Ordering {
        let (column, uid) = match self {
            Self::Name { name, uid } => (name.cmp(&row.name), uid),
            Self::Uid(uid) => (Ordering::Equal, uid),
            Self::Points { points, uid } => (points.cmp(&row.points), uid),
            Self::UpdatedAt { at, uid } => (at.cmp(&row.updated_at), uid),
        };
        column.then_with(|| uid.cmp(&row.uid))
    }

    /// Returns the column to which this key belongs.
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
