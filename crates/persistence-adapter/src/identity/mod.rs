//! Users, what they log in with, and who works here.

mod factors;
mod guard;
mod people;
mod reader;
mod rows;
mod sessions;
mod settings;
mod tenants;

pub(crate) use reader::lower;
