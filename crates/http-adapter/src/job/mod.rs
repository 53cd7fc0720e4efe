//! Background jobs, for the contexts whose requests start them.

mod error_rows;
mod state;

pub(crate) use error_rows::error_rows;
pub(crate) use state::state_word;
