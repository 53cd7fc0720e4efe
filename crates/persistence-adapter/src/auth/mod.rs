//! Users and their credentials, sessions and second factors.

mod factors;
mod passwords;
mod reader;
mod retention;
mod rows;
mod sessions;
mod shadow_users;
mod tx;

pub(crate) use retention::SESSIONS;
