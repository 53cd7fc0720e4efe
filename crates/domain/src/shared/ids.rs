//! One type per id, so that a region's id can never be passed where an area's is meant.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a database id.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The database id.
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
    )+};
}

ids! {
    /// A company that uses Haat. First column of every key.
    TenantId,
    /// A person who logs in. A sales representative's id is their user id.
    UserId,
    /// A shop's internal id; people and files know it by its uid.
    RetailerId,
    /// The widest part of the sales map.
    RegionId,
    /// A part of a region.
    AreaId,
    /// A part of an area.
    TerritoryId,
    /// The house that delivers to a shop.
    DistributorId,
    /// One bulk change.
    BatchId,
    /// A file of shops on its way into the pool.
    ImportId,
    /// A piece of long work.
    JobId,
}
