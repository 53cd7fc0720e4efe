//! Names and codes that several rows share, because they were stored before such names were compared without case, blanks
//! and invisible characters.

use async_trait::async_trait;

use crate::shared::{StorageFailure, TenantId};
use crate::territory::{Place, PlaceKind, SalesMap};

/// The entity of rows that share a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DuplicateKind {
    /// Areas of one region.
    Area,
    /// Distributors.
    Distributor,
    /// Regions.
    Region,
    /// Retailers, by uid.
    Retailer,
    /// Sales reps, by employee code.
    SalesRep,
    /// Territories of one area.
    Territory,
}

impl DuplicateKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Area, Self::Distributor, Self::Region, Self::Retailer, Self::SalesRep, Self::Territory];

    /// Returns the name of the entity, as in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Distributor => "distributor",
            Self::Region => "region",
            Self::Retailer => "retailer",
            Self::SalesRep => "sales-rep",
            Self::Territory => "territory",
        }
    }

    const fn of(kind: PlaceKind) -> Self {
        match kind {
            PlaceKind::Region => Self::Region,
            PlaceKind::Area => Self::Area,
            PlaceKind::Territory => Self::Territory,
            PlaceKind::Distributor => Self::Distributor,
        }
    }
}

/// A name that several rows share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The entity.
    pub kind: DuplicateKind,
    /// The name, folded.
    pub name: String,
    /// The rows, the oldest first: at least two.
    pub rows: Vec<NamedRow>,
}

/// A row with its own spelling of a shared name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRow {
    /// The id of the place or user; the uid of a retailer.
    pub id: String,
    /// The name of the place, retailer or sales rep.
    pub name: String,
}

/// The position of a duplicate in a list: kind, name, id of the first row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuplicateKey(pub DuplicateKind, pub String, pub String);

impl Duplicate {
    /// Returns the sort key of the duplicate in a list.
    #[must_use]
    pub fn key(&self) -> DuplicateKey {
        let first = self.rows.first().map(|row| row.id.clone()).unwrap_or_default();
        DuplicateKey(self.kind, self.name.clone(), first)
    }
}

/// Reads duplicates that are not on the sales map.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DuplicateReader: Send + Sync {
    /// Returns the employee codes and the uids that several sales reps or retailers share.
    async fn codes_and_uids(&self, tenant: TenantId) -> Result<Vec<Duplicate>, StorageFailure>;
}

/// Returns the names that several places with the same parent share.
#[must_use]
pub fn duplicate_places(map: &SalesMap) -> Vec<Duplicate> {
    PlaceKind::ALL
        .into_iter()
        .flat_map(|kind| map.shared_names(kind).into_iter().map(move |(name, places)| (kind, name, places)))
        .map(|(kind, name, places)| {
            let row =
                |place: &Place| NamedRow { id: place.id.to_string(), name: place.name.as_ref().to_owned() };
            Duplicate {
                kind: DuplicateKind::of(kind),
                name: name.to_owned(),
                rows: places.into_iter().map(row).collect(),
            }
        })
        .collect()
}
