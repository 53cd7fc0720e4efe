//! The columns of an import file.

/// A known column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// `uid`
    Uid,
    /// `name`
    Name,
    /// `phone`
    Phone,
    /// `region`
    Region,
    /// `region_id`
    RegionId,
    /// `area`
    Area,
    /// `area_id`
    AreaId,
    /// `territory`
    Territory,
    /// `territory_id`
    TerritoryId,
    /// `distributor`
    Distributor,
    /// `distributor_id`
    DistributorId,
    /// `points`
    Points,
    /// `routes`
    Routes,
    /// `notes`
    Notes,
}

impl Column {
    /// All columns, in the order of an export.
    pub const ALL: [Self; 14] = [
        Self::Uid,
        Self::Name,
        Self::Phone,
        Self::Region,
        Self::RegionId,
        Self::Area,
        Self::AreaId,
        Self::Territory,
        Self::TerritoryId,
        Self::Distributor,
        Self::DistributorId,
        Self::Points,
        Self::Routes,
        Self::Notes,
    ];

    /// Returns the name, as in the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uid => "uid",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Region => "region",
            Self::RegionId => "region_id",
            Self::Area => "area",
            Self::AreaId => "area_id",
            Self::Territory => "territory",
            Self::TerritoryId => "territory_id",
            Self::Distributor => "distributor",
            Self::DistributorId => "distributor_id",
            Self::Points => "points",
            Self::Routes => "routes",
            Self::Notes => "notes",
        }
    }
}

/// The attributes of a retailer that the rows of a file contain; all other attributes stay unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each column is present or absent")]
pub struct Columns {
    /// The name.
    pub name: bool,
    /// The phone.
    pub phone: bool,
    /// The territory.
    pub territory: bool,
    /// The distributor.
    pub distributor: bool,
    /// Loyalty points.
    pub points: bool,
    /// The routes on which it is visited.
    pub routes: bool,
    /// Notes.
    pub notes: bool,
}
