//! The words of the business. A context is a folder; what several contexts share is in [`shared`].

pub mod assignment;
pub mod audit;
pub mod identity;
pub mod import;
pub mod job;
pub mod retailer;
pub mod seed;
pub mod shared;
pub mod sync;
pub mod territory;
