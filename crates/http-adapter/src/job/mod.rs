//! Background jobs, for the contexts whose requests start them.

mod error_file;
mod failure;
mod state;

pub(crate) use error_file::error_file;
pub(crate) use failure::{FailureDto, language};
pub(crate) use state::state_word;
