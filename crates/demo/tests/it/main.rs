//! Tests of the demo data on a real PostgreSQL server; each test has a database of its own.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod seed;
