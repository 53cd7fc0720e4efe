//! Tests of the adapter on a real PostgreSQL server; each test has a database of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod assignment_history;
mod assignment_statements;
mod audit;
mod auth;
mod availability;
mod catalogue;
mod feed;
mod feed_topics;
mod import;
mod migrations;
mod plans;
mod pool_retailers;
mod rep_retailers;
mod rep_spans;
mod retailer;
mod rights;
mod shadow_users;
mod territory;
mod transactions;

/// Returns the seeds of a long test of random operations: 50, or as many as `HAAT_TEST_SEEDS` says.
fn many_seeds() -> std::ops::RangeInclusive<u64> {
    1..=std::env::var("HAAT_TEST_SEEDS").map_or(50, |seeds| seeds.parse().unwrap())
}
