//! Authentication.

pub mod codes;
