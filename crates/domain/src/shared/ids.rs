//! One type per id, so that a region's id cannot be passed where an area's id is expected.

use uuid::Uuid;

/// Declares types of database ids. A context that is not needed below declares its own: `ids! { /// A product. ProductId }`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Creates an id from a database id.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// Returns the database id.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

pub(crate) use ids;

ids! {
    /// A company that uses Haat. The first column of every key.
    TenantId,
    /// A user. The id of a sales rep is their user id.
    UserId,
    /// The internal id of a retailer. Users and files refer to it by its uid.
    RetailerId,
    /// A region, the largest unit of the sales map.
    RegionId,
    /// An area, a part of a region.
    AreaId,
    /// A territory, a part of an area.
    TerritoryId,
    /// A distributor, which delivers to retailers.
    DistributorId,
    /// A team of sales reps.
    TeamId,
    /// A bulk change.
    BatchId,
    /// A background job.
    JobId,
}

/// The id of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    /// Creates a session id from a UUID.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// Parses an id; `None` if the text is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Returns the UUID.
    #[must_use]
    pub const fn get(self) -> Uuid {
        self.0
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
