//! Assignments of retailers to sales reps.

mod apply_plan;
mod assign_file;
pub mod codes;
mod compute_steps;
mod execute_order;
mod file_columns;
mod file_options;
mod jobs;
mod messages;
mod order;
mod plan_by_filter;
mod read_assignments;
#[cfg(test)]
mod testing;
mod undo_batch;

pub use apply_plan::{ApplyPlan, ApplyPlanError};
pub use assign_file::{AssignFile, JOB_KINDS};
pub use execute_order::ExecuteOrder;
pub use file_options::FileOptions;
pub use jobs::{assignment_jobs, submit_assignments};
pub use messages::failure_message;
pub use order::{
    AssignmentError, AssignmentGroup, Order, OrderInput, Outcome, RepFault, RepPlace, RepProblem,
};
pub use plan_by_filter::{PlanByFilter, PlanByFilterError, PlanByFilterInput};
pub use read_assignments::ReadAssignments;
pub use undo_batch::{UndoBatch, UndoBatchError};

use haat_domain::assignment::AssignmentTx;

use crate::job::{ReadJob, SubmitFile};
use crate::shared::ChangeAssignments;

/// The use cases behind the HTTP routes.
pub struct AssignmentUseCases {
    /// `POST /admin/assignments/bulk`, `bulk-unassign`, `transfer` and `plans`.
    pub orders: ExecuteOrder,
    /// `POST /admin/assignments/plans` with a filter.
    pub plan_by_filter: PlanByFilter,
    /// `POST /admin/assignments/plans/{id}/apply`.
    pub apply: ApplyPlan,
    /// `POST /admin/assignments/batches/{id}/undo`.
    pub undo: UndoBatch,
    /// Batches and plans, their changes, and assignment periods.
    pub read: ReadAssignments,
    /// `POST /admin/assignments/bulk` with a file.
    pub submit: SubmitFile<dyn AssignmentTx>,
    /// `GET /admin/assignments/jobs/{id}`.
    pub jobs: ReadJob<ChangeAssignments>,
}
