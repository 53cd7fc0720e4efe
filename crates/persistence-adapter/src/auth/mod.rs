//! Users and their credentials, sessions and second factors.

mod factors;
mod passwords;
mod reader;
mod rows;
mod sessions;
mod tx;

pub(crate) use reader::lower;
pub(crate) use rows::{is_active, role};
