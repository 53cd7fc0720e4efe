//! Which columns a file has.

/// A column that means something to us.
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
    /// All of them, in the order of an export.
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

    /// Its name, as in the contract.
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

/// What the rows of a file say of a shop; the rest stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each column is there or not")]
pub struct Columns {
    /// Its name.
    pub name: bool,
    /// Its phone.
    pub phone: bool,
    /// Where it lies.
    pub territory: bool,
    /// Who delivers to it.
    pub distributor: bool,
    /// Loyalty points.
    pub points: bool,
    /// The routes on which it is visited.
    pub routes: bool,
    /// What is worth knowing of it.
    pub notes: bool,
}
