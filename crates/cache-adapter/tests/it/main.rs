//! Caches over a database that is a variable, a change feed that is told what to say, and a real Redis.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod coherence;
mod redis;
mod world;
