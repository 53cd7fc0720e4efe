//! Configuration. Each file is a section: its options, their defaults and their validation. All errors are collected and
//! reported at once. The environment is not read after start.

#![allow(
    clippy::doc_markdown,
    clippy::struct_field_names,
    reason = "an option's doc comment is its help text, not Markdown, and its field is its name on the command line"
)]

mod auth;
mod cache;
mod database;
mod environment;
mod http;
mod jobs;
mod log;
mod problems;

pub(crate) use auth::{AuthArgs, AuthConfig, BcryptArgs, DEVELOPMENT_MFA_KEY};
pub(crate) use cache::{CacheArgs, CacheConfig};
pub(crate) use database::{AppDatabaseArgs, OwnerDatabaseArgs};
pub(crate) use environment::{Environment, EnvironmentArgs};
pub(crate) use http::{HttpArgs, HttpConfig};
pub(crate) use jobs::{FilesArgs, JobArgs, JobConfig, KeepArgs};
pub(crate) use log::{LogArgs, LogConfig, LogFormat};
pub(crate) use problems::Problems;
