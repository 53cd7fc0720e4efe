//! Users, what they log in with, and who works here.

mod guard;
mod people;
mod reader;
mod rows;
mod sessions;
mod tenants;

pub(crate) use reader::lower;
