use chrono::{DateTime, Utc};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{Phone, Role};

/// A region of the demo map. Ids count within the seed; the writer maps them to free database ids.
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
    /// The population in thousands (census of 2011), which determines the share of retailers.
    pub weight: u32,
    /// The names of its unions, which are used as routes.
    pub unions: Vec<String>,
}

/// The kind of place that an alias names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedPlaceKind {
    /// A region.
    Region,
    /// An area.
    Area,
    /// A territory.
    Territory,
}

/// An alternative spelling of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPlaceAlias {
    /// The kind of place.
    pub kind: SeedPlaceKind,
    /// The id of the place within the seed.
    pub place: i64,
    /// The alternative spelling.
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

/// A demo sales rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRep {
    /// Number from 1, which is also the id within the seed.
    pub number: i64,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: Phone,
}

/// A demo retailer.
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
    /// The phone as typed.
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
    /// Search key, as built by [`haat_domain::retailer::search_key`].
    pub search_key: String,
    /// The time of registration.
    pub created_at: DateTime<Utc>,
}

/// A demo assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedAssignment {
    /// The number of the sales rep.
    pub rep: i64,
    /// The number of the retailer.
    pub retailer: i64,
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The name of the retailer.
    pub name: String,
    /// The start of the assignment.
    pub assigned_at: DateTime<Utc>,
}

/// A demo team of sales reps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedTeam {
    /// Id within the seed.
    pub id: i64,
    /// Name.
    pub name: &'static str,
    /// The home area within the seed.
    pub area: i64,
    /// The numbers of its sales reps.
    pub members: Vec<i64>,
}

/// A demo user with a role other than administrator and sales rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedStaff {
    /// Username.
    pub username: &'static str,
    /// Name.
    pub name: &'static str,
    /// Role.
    pub role: Role,
    /// The target that the role requires.
    pub target: Option<SeedTarget>,
}

/// The target of a grant, by its id within the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedTarget {
    /// A region.
    Region(i64),
    /// An area.
    Area(i64),
    /// A team.
    Team(i64),
    /// A distributor.
    Distributor(i64),
    /// A retailer, by its number.
    Retailer(i64),
}
