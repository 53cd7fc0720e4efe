//! The use cases over HTTP. An endpoint is a file; a context is a folder with its DTOs and one exhaustive
//! mapping of its errors to problems. [`serve`] and [`openapi`] use the same list of routes.

mod access;
mod assignment;
mod audit;
mod auth;
mod import;
mod job;
mod operations;
mod people;
mod retailer;
mod serve;
mod shared;
mod tenancy;
mod territory;

pub use access::access_table;
pub use serve::{HttpSettings, UseCases, openapi, serve};
pub use shared::RateLimit;
