//! Retailers: location, distributor, and the data that sales reps maintain.

mod model;
mod narrow;
mod patch;
mod pool;
mod ports;
mod query;
mod rep_retailers;
mod search_key;
mod team_retailers;
mod values;

pub use model::Retailer;
pub use patch::{Notes, PatchRetailer, Patched, Points, PointsError, RetailerPatch, Routes, RoutesError};
pub use pool::{
    AddedRetailer, NewRetailer, Place, PoolRetailer, PoolRetailerPatch, RetailerName, Revision, ServingRep,
};
pub use ports::{
    PoolRetailerReader, PoolRetailerTx, PoolRetailerWriter, RetailerExporter, RetailerPatcher,
    RetailerReader, RetailerTx, RetailerWriter,
};
pub use query::{
    RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerSortField, SearchPosition, Service,
};
pub use rep_retailers::RepRetailers;
pub use search_key::search_key;
pub use team_retailers::TeamRetailers;
pub use values::{RetailerUid, RetailerUidError};

#[cfg(feature = "mock")]
pub use ports::{
    MockPoolRetailerReader, MockPoolRetailerWriter, MockRetailerExporter, MockRetailerPatcher,
    MockRetailerReader, MockRetailerWriter,
};
