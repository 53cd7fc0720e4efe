//! Background jobs, for the contexts whose requests start them.

mod error_file;
mod failure;
mod file_job;
mod state;
mod submit_file;

pub use error_file::error_file;
pub use failure::{FailureDto, language};
pub use file_job::FileJob;
use state::state_word;
pub use submit_file::{AcceptedDto, StoredFile, submit_file};
