//! The domain model. Each context is a folder; [`shared`] has the types that several contexts use.

pub mod activity;
pub mod assignment;
pub mod audit;
pub mod auth;
pub mod change;
pub mod duplicates;
pub mod import;
pub mod job;
pub mod people;
pub mod retailer;
pub mod schedule;
pub mod shared;
pub mod sync;
pub mod team;
pub mod tenancy;
pub mod territory;
