//! The parts of a transaction that changes of every context need.

mod begin;
mod guard;
mod stored_responses;

pub use guard::CALLER;
