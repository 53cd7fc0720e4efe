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
mod jobs;
mod migrations;
mod plans;
mod pool_retailers;
mod rep_retailers;
mod rep_spans;
mod retailer;
mod retention;
mod rights;
mod schedules;
mod shadow_users;
mod territory;
mod transactions;
