//! Tests of the adapter on a real PostgreSQL server; each test has a database of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use haat_persistence_org::OrgDatabase;
use haat_test_support::TestDatabase;

mod activity;
mod grants;
mod people;
mod people_plans;
mod sales_rep_files;
mod team;
mod tenancy;

/// Returns the adapter that the tests call.
fn org(database: &TestDatabase) -> OrgDatabase {
    OrgDatabase::from(database.adapter().core())
}
