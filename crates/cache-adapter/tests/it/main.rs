//! Caches over a fake storage, a fake change feed and a real Redis.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod coherence;
mod fake_storage;
mod redis;
mod subjects;
