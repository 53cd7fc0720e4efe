use std::sync::Arc;

use haat_application::assignment::{
    ApplyPlan, AssignmentUseCases, ExecuteOrder, PlanByFilter, ReadAssignments, UndoBatch, assignment_jobs,
    submit_assignments,
};
use haat_application::retailer::pool::ExportRetailers;
use haat_application::shared::Changes;
use haat_domain::shared::FileStore;
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::PgDatabase;

use super::{Parts, retailer_pool};
use crate::system::{SystemClock, SystemIds};
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::assignment::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(assignment(parts.storage, parts.long_running.clone(), parts.files.clone()))
}

/// The use cases of assignments.
fn assignment(
    storage: &Storage,
    long_running_pool: Arc<PgDatabase>,
    files: Arc<dyn FileStore>,
) -> AssignmentUseCases {
    let db = &storage.db;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    // A batch can be of any size: undoing the batch of a file must succeed, however long it takes.
    let long_running = Changes::new(long_running_pool, Arc::new(SystemClock));
    AssignmentUseCases {
        plan_by_filter: PlanByFilter::new(
            ExportRetailers::new(retailer_pool::source(storage), db.clone(), Arc::new(SystemClock)),
            ExecuteOrder::new(long_running.clone()),
        ),
        orders: ExecuteOrder::new(changes.clone()),
        apply: ApplyPlan::new(long_running.clone()),
        undo: UndoBatch::new(long_running),
        read: ReadAssignments::new(db.clone()),
        submit: submit_assignments(files.clone(), Arc::new(SystemIds), changes),
        jobs: assignment_jobs(Arc::new(db.core()), files),
    }
}
