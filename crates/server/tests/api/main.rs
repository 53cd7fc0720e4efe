//! Tests of the whole application over HTTP: a real `haat` process on a real Postgres (and Redis).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod activity;
mod admin_jobs;
mod assignment_files;
mod assignments;
mod audit;
mod auth;
mod cache_subjects;
mod cli;
mod coherence;
mod colleagues;
mod documentation;
mod edges;
mod export;
mod facets;
mod hostile;
mod import;
mod import_requests;
mod import_survival;
mod job_kills;
mod jobs;
mod lanes;
mod limits;
mod login_throttle;
mod lost_responses;
mod many_admins;
mod map;
mod map_moves;
mod matrix;
mod mfa;
mod names;
mod outages;
mod people;
mod place_aliases;
mod plans;
mod pool_retailers;
mod problems;
mod promotions;
mod replays;
mod retailers;
mod roles;
mod s3;
mod sales_rep_files;
mod samples;
mod schedules;
mod scope_moves;
mod scope_oracle;
mod scope_races;
mod scoped_assignments;
mod scopes;
mod search;
mod secrets;
mod sessions;
mod spellings;
mod support;
mod support_access;
mod teams;
mod tenants;
mod tls;
mod update;
mod visibility;
mod world;
