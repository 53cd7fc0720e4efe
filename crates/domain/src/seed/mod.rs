//! Demo data: the real sales map of Bangladesh and made-up shops and people, from which a new installation
//! and every benchmark start.

mod model;
mod ports;

pub use model::{
    SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedPlaceKind, SeedRegion, SeedRep,
    SeedRetailer, SeedTerritory,
};
pub use ports::{BeginSeed, Rows, SeedProgress, SeedTx};
