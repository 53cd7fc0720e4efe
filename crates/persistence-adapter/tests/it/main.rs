//! The adapter on a real Postgres, each test on a database of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod assignment_history;
mod assignment_statements;
mod audit;
mod availability;
mod book;
mod catalogue;
mod feed;
mod fingerprint;
mod identity;
mod import;
mod migrations;
mod office;
mod people;
mod plans;
mod retailer;
mod rights;
mod seed;
mod territory;
mod transactions;
