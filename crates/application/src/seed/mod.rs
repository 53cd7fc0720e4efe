//! Demo data: the real places of Bangladesh, with generated retailers, users and assignments. The same seed
//! generates the same data except for password salts. The data of a retailer depends on the seed, its number
//! and the total number of retailers.

mod dice;
mod layout;
mod names;
mod places;
mod retailers;
mod seed_country;

pub use seed_country::{SeedCountry, SeedCountryError, SeedCountryInput, SeedOutcome, default_reps};
