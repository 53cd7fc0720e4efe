//! The commands of the command line.

pub(crate) mod create_admin;
pub(crate) mod create_tenant;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod retain;
pub(crate) mod seed;
pub(crate) mod serve;
