//! Users, what they log in with, and who works here.

mod guard;
mod people;
mod reader;
mod rows;
mod sessions;

pub(crate) use reader::lower;
