//! Demo data: the real sales map of Bangladesh with generated retailers and users, for new installations and
//! for every benchmark.

mod model;
mod ports;

pub use model::{
    SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedPlaceKind, SeedRegion, SeedRep,
    SeedRetailer, SeedTerritory,
};
pub use ports::{BeginSeed, Rows, SeedProgress, SeedTx};
