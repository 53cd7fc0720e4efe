//! Demo data: the real places of Bangladesh, made-up shops, people and who serves whom. The same seed number
//! makes the same data, password salts apart; a shop's data depends on the seed, its number and how many there are.

mod dice;
mod layout;
mod names;
mod places;
mod seed_country;
mod shops;

pub use seed_country::{SeedCountry, SeedCountryError, SeedCountryInput, SeedOutcome, default_reps};
