//! Support for tests: a database per test, two tenants of test data, demo data, and a proxy that simulates
//! outages.
//!
//! A test that cannot reach Postgres or Redis fails; `make test` starts both and sets their URLs.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod connection;
mod database;
mod demo;
mod dice;
mod fingerprint;
mod fixture;
mod proxy;
mod query_plans;
mod redis_server;
#[cfg(feature = "s3")]
mod s3_server;
mod template;
#[cfg(feature = "tls")]
mod tls;

pub use database::{TestDatabase, ahead};
pub use demo::{seed_input, seeder};
pub use dice::Dice;
pub use fingerprint::fingerprint;
pub use fixture::{Company, Fixture, PASSWORD, PASSWORD_HASH, Person, RetailerFixture, set_role};
pub use proxy::Proxy;
pub use query_plans::{assert_by_index, seeded};
pub use redis_server::RedisServer;
#[cfg(feature = "s3")]
pub use s3_server::S3Server;
#[cfg(feature = "tls")]
pub use tls::TlsProxy;
/// A plain connection to Postgres.
pub use tokio_postgres::Client;
pub use tokio_postgres::types::ToSql;

/// Returns the seeds of a long test of random operations: as many as `HAAT_TEST_SEEDS` says, otherwise `usual`.
///
/// # Panics
/// Panics if the variable is not a number.
#[must_use]
pub fn many_seeds(usual: u64) -> std::ops::RangeInclusive<u64> {
    1..=std::env::var("HAAT_TEST_SEEDS").map_or(usual, |seeds| seeds.parse().expect("a number of seeds"))
}

/// Returns the value of a variable that `make test` sets.
///
/// # Panics
/// Panics if it is not set: a test without its servers must fail, not skip.
#[must_use]
#[allow(clippy::panic, reason = "tests fail by panicking")]
pub fn required_env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `make test`"))
}

/// Returns the URL of Redis, which all tests share: use unique keys.
#[must_use]
pub fn redis_url() -> String {
    required_env("HAAT_TEST_REDIS_URL")
}

/// Returns a word that no other test uses.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests need randomness, not the port")]
pub fn unique_word() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
