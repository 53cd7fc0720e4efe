//! Demo data: the real sales map of Bangladesh with generated retailers, users and assignments, for new
//! installations, for tests and for every benchmark. The same seed generates the same data except for password
//! salts. The data of a retailer depends on the seed, its number and the total number of retailers.
//!
//! Not a context of the product: only the command `haat seed` and tests use this crate.

mod company;
mod generate;
mod model;
mod ports;
mod postgres;
mod seed_country;

pub use model::{
    SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedPlaceKind, SeedRegion, SeedRep,
    SeedRetailer, SeedStaff, SeedTarget, SeedTeam, SeedTerritory,
};
pub use ports::{BeginSeed, Rows, SeedProgress, SeedTx};
pub use postgres::PgSeeder;
pub use seed_country::{SeedCountry, SeedCountryError, SeedCountryInput, SeedOutcome, default_reps};
