use std::sync::Arc;
use std::time::Duration;

use haat_application::assignment::{
    ApplyPlan, AssignmentUseCases, ChangeAssignments, PlanByFilter, ReadAssignments, SubmitFile, UndoBatch,
    assignment_jobs,
};
use haat_application::retailer::pool::{ExportRetailers, PoolSource};
use haat_domain::shared::FileStore;
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};

use super::Storage;
use crate::system::{SystemClock, SystemIds};

/// The use cases of assignments.
pub(crate) fn assignment(
    storage: &Storage,
    database: &DatabaseConfig,
    files: Arc<dyn FileStore>,
) -> anyhow::Result<AssignmentUseCases> {
    let db = &storage.db;
    // A batch can be of any size: undoing the batch of a file must succeed, however long it takes.
    let long_running_pool =
        DatabaseConfig { statement_timeout: Duration::ZERO, pool_size: 4, ..database.clone() };
    let long_running_pool =
        Arc::new(PgDatabase::new(&long_running_pool)?.with_commit_listener(storage.listener.clone()));
    let pool = PoolSource { maps: storage.maps.clone(), users: db.clone() };
    Ok(AssignmentUseCases {
        plan_by_filter: PlanByFilter::new(
            ExportRetailers::new(pool, db.clone(), Arc::new(SystemClock)),
            ChangeAssignments::new(long_running_pool.clone(), Arc::new(SystemClock)),
        ),
        change: ChangeAssignments::new(db.clone(), Arc::new(SystemClock)),
        apply: ApplyPlan::new(long_running_pool.clone(), Arc::new(SystemClock)),
        undo: UndoBatch::new(long_running_pool, Arc::new(SystemClock)),
        read: ReadAssignments::new(db.clone()),
        submit: SubmitFile::new(files, Arc::new(SystemIds), db.clone(), Arc::new(SystemClock)),
        jobs: assignment_jobs(db.clone()),
    })
}
