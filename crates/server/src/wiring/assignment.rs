use std::sync::Arc;
use std::time::Duration;

use haat_application::assignment::{
    ApplyPlan, AssignmentApi, ChangeAssignments, PlanByFilter, ReadAssignments, ReadJob, SubmitFile,
    UndoBatch,
};
use haat_application::retailer::office::{ExportRetailers, PoolSource};
use haat_domain::shared::FileStore;
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};

use super::Storage;
use crate::system::{SystemClock, SystemIds};

/// The use cases of assignment.
pub(crate) fn assignment(
    storage: &Storage,
    database: &DatabaseConfig,
    files: Arc<dyn FileStore>,
) -> anyhow::Result<AssignmentApi> {
    let db = &storage.db;
    // A batch can be of any size; what a file has done must be taken back, however long that takes.
    let patient = DatabaseConfig { statement_timeout: Duration::ZERO, pool_size: 4, ..database.clone() };
    let patient = Arc::new(PgDatabase::new(&patient)?.telling(storage.listener.clone()));
    let pool = PoolSource { maps: storage.maps.clone(), users: db.clone() };
    Ok(AssignmentApi {
        plan_by_filter: PlanByFilter::new(
            ExportRetailers::new(pool, db.clone(), Arc::new(SystemClock)),
            ChangeAssignments::new(patient.clone(), Arc::new(SystemClock)),
        ),
        change: ChangeAssignments::new(db.clone(), Arc::new(SystemClock)),
        apply: ApplyPlan::new(patient.clone(), Arc::new(SystemClock)),
        undo: UndoBatch::new(patient, Arc::new(SystemClock)),
        read: ReadAssignments::new(db.clone()),
        submit: SubmitFile::new(files, Arc::new(SystemIds), db.clone(), Arc::new(SystemClock)),
        jobs: ReadJob::new(db.clone()),
    })
}
