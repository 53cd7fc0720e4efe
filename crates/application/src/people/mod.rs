//! Users.

pub mod codes;
