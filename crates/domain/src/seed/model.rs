use chrono::{DateTime, Utc};

use crate::retailer::RetailerUid;
use crate::shared::Phone;

/// A region of the demo map. Ids here count within the seed; the writer moves them to free database ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRegion {
    /// Id within the seed.
    pub id: i64,
    /// English name.
    pub name: String,
    /// Bangla name.
    pub name_bn: String,
}

/// An area of the demo map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedArea {
    /// Id within the seed.
    pub id: i64,
    /// The region it lies in.
    pub region: i64,
    /// English name.
    pub name: String,
    /// Bangla name.
    pub name_bn: String,
}

/// A territory of the demo map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedTerritory {
    /// Id within the seed.
    pub id: i64,
    /// The area it lies in.
    pub area: i64,
    /// The region it lies in.
    pub region: i64,
    /// English name.
    pub name: String,
    /// Bangla name.
    pub name_bn: String,
    /// People in thousands (census of 2011); the share of shops it gets.
    pub weight: u32,
    /// The names of its unions, which serve as routes.
    pub unions: Vec<String>,
}

/// Which part of the map an alias names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedPlaceKind {
    /// A region.
    Region,
    /// An area.
    Area,
    /// A territory.
    Territory,
}

/// An older or other spelling of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPlaceAlias {
    /// What it names.
    pub kind: SeedPlaceKind,
    /// Which one, within the seed.
    pub place: i64,
    /// The other spelling.
    pub alias: String,
}

/// A distributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedDistributor {
    /// Id within the seed.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// A demo sales representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRep {
    /// Number from 1, which is also the id within the seed.
    pub number: i64,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: Phone,
}

/// A demo shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRetailer {
    /// Number from 1, which is also the id within the seed.
    pub number: i64,
    /// Uid.
    pub uid: RetailerUid,
    /// Name.
    pub name: String,
    /// Phone, if it has one.
    pub phone: Option<Phone>,
    /// The phone as somebody typed it.
    pub phone_raw: Option<String>,
    /// Region within the seed.
    pub region: i64,
    /// Area within the seed.
    pub area: i64,
    /// Territory within the seed.
    pub territory: i64,
    /// Distributor within the seed.
    pub distributor: i64,
    /// Points.
    pub points: i32,
    /// Routes.
    pub routes: Vec<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Search key, as [`crate::retailer::search_key`] makes it.
    pub search_key: String,
    /// When it was first registered.
    pub created_at: DateTime<Utc>,
}

/// Who serves a demo shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedAssignment {
    /// The representative's number.
    pub rep: i64,
    /// The shop's number.
    pub retailer: i64,
    /// The shop's uid.
    pub uid: RetailerUid,
    /// The shop's name.
    pub name: String,
    /// Since when.
    pub assigned_at: DateTime<Utc>,
}
