//! Tenants, users, sessions and second factors.

mod factors;
mod guard;
mod people;
mod reader;
mod rows;
mod sessions;
mod settings;
mod tenants;

pub(crate) use reader::lower;
