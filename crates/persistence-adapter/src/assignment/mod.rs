//! Assignments of retailers to sales reps, and bulk changes of them.

mod reader;
mod rep_spans;
mod retention;
mod rows;
mod scope;
mod stager;
mod statements;
mod writer;

pub(crate) use retention::PLANS;
pub use stager::PgAssignmentStager;
