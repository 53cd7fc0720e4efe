use std::sync::Arc;

use haat_application::job::{
    AddPartitions, JobHandler, JobUseCases, Jobs, ManageSchedules, Prune, SweepHandler,
};
use haat_application::shared::Changes;
use haat_application::{assignment, import, job, people};
use haat_domain::job::{Retention, RetentionPolicy, RetentionRule};
use haat_domain::shared::FileStore;
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::{PgDatabase, RetainedRows, RowRetention};

use super::Parts;
use crate::system::SystemClock;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::job::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let db = Arc::new(parts.storage.db.core());
    let kinds = [assignment::JOB_KINDS, import::JOB_KINDS, job::JOB_KINDS, people::JOB_KINDS].concat();
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    let schedule_changes = Changes::new(db.clone(), Arc::new(SystemClock));
    AppData::new(JobUseCases {
        jobs: Jobs::new(db.clone(), kinds, changes),
        schedules: ManageSchedules::new(db, parts.schedules.clone(), schedule_changes),
    })
}

/// The rows of all contexts that end at an age.
fn retained() -> Vec<&'static RetainedRows> {
    let mut retained = haat_persistence_adapter::retained();
    retained.extend(haat_persistence_org::RETAINED);
    retained
}

/// The rules of retention of all contexts.
pub(crate) fn retention_rules() -> Vec<&'static RetentionRule> {
    retained().into_iter().map(|rows| &rows.rule).collect()
}

/// Ends old rows of all contexts.
pub(crate) fn prune(db: &PgDatabase, retention: Retention, files: Arc<dyn FileStore>) -> Prune {
    let policy = |rows| Arc::new(RowRetention::new(db.core(), rows)) as Arc<dyn RetentionPolicy>;
    Prune::new(retained().into_iter().map(policy).collect(), retention, files)
}

/// The handlers of the jobs of this context.
pub(crate) fn job_handlers(
    db: &PgDatabase,
    retention: Retention,
    files: Arc<dyn FileStore>,
) -> [Arc<dyn JobHandler>; 2] {
    let core = Arc::new(db.core());
    [
        Arc::new(SweepHandler::new(prune(db, retention, files), core.clone())),
        Arc::new(SweepHandler::new(AddPartitions::new(core.clone()), core)),
    ]
}
