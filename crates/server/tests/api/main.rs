//! The whole application: a real `haat` process on a real Postgres (and Redis), spoken to over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod assignments;
mod audit;
mod auth;
mod bad_days;
mod cli;
mod coherence;
mod documentation;
mod effect;
mod export;
mod guessing;
mod hostile;
mod import;
mod import_requests;
mod import_survival;
mod jobs;
mod limits;
mod many_admins;
mod map;
mod map_moves;
mod matrix;
mod mfa;
mod office_retailers;
mod people;
mod place_aliases;
mod plans;
mod problems;
mod retailers;
mod s3;
mod secrets;
mod sessions;
mod spellings;
mod support;
mod tls;
mod update;
