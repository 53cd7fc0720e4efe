//! The use cases. Each is a struct built from ports, with an input, an error enum and one `execute`.

pub mod activity;
pub mod assignment;
pub mod audit;
pub mod auth;
pub mod duplicates;
pub mod import;
pub mod job;
pub mod operations;
pub mod people;
pub mod retailer;
pub mod shared;
pub mod team;
pub mod tenancy;
pub mod territory;

#[cfg(test)]
mod testing;
