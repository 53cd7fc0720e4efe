//! The use cases over HTTP. A context is a folder that exports a [`Context`](haat_http_core::Context): its routes, and what
//! it adds to the OpenAPI document.

pub mod assignment;
pub mod audit;
pub mod auth;
pub mod duplicates;
pub mod import;
pub mod job;
pub mod operations;
pub mod retailer;
pub mod territory;
