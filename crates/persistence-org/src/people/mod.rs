//! Users as administrators read and change them.

mod grants;
mod password_files;
mod reader;
mod retention;
mod rows;
mod sales_rep_files;
mod uniqueness;
mod writer;

pub(crate) use retention::ONE_TIME_PASSWORDS;
