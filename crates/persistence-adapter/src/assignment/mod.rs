//! Assignments of retailers to sales reps, and bulk changes of them.

mod reader;
mod rep_spans;
mod rows;
mod scope;
mod stager;
mod statements;
mod writer;

pub use stager::PgAssignmentStager;
