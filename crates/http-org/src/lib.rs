//! The contexts of the organisation over HTTP: tenants, users, sales reps and teams. A context is a folder that exports a
//! [`Context`](haat_http_core::Context): its routes, and what it adds to the OpenAPI document.

pub mod activity;
pub mod people;
pub mod team;
pub mod tenancy;
