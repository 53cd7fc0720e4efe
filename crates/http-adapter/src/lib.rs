//! The use cases over HTTP. A context is a folder that exports a [`Context`]: its routes, and what it adds to the
//! OpenAPI document. [`serve`] and [`openapi`] take the same list of contexts.

mod access;
pub mod assignment;
pub mod audit;
pub mod auth;
pub mod import;
mod job;
pub mod operations;
pub mod people;
pub mod retailer;
mod serve;
mod shared;
pub mod tenancy;
pub mod territory;

pub use access::access_table;
pub use serve::{HttpSettings, Service, openapi, serve};
pub use shared::codes::of_no_context as codes_of_no_context;
pub use shared::{AppData, Context, RateLimit, Words};
