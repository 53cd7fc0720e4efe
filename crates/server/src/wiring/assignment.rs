use std::sync::Arc;

use haat_application::assignment::{
    ApplyPlan, AssignmentApi, ChangeAssignments, PlanByFilter, ReadAssignments, ReadJob, SubmitFile,
    UndoBatch,
};
use haat_application::retailer::office::{ExportRetailers, PoolSource};
use haat_domain::shared::FileStore;

use super::Storage;
use crate::system::{SystemClock, SystemIds};

/// The use cases of assignment.
pub(crate) fn assignment(storage: &Storage, files: Arc<dyn FileStore>) -> AssignmentApi {
    let db = &storage.db;
    let pool = PoolSource { maps: storage.maps.clone(), users: db.clone() };
    AssignmentApi {
        plan_by_filter: PlanByFilter::new(
            ExportRetailers::new(pool, db.clone(), Arc::new(SystemClock)),
            ChangeAssignments::new(db.clone(), Arc::new(SystemClock)),
        ),
        change: ChangeAssignments::new(db.clone(), Arc::new(SystemClock)),
        apply: ApplyPlan::new(db.clone(), Arc::new(SystemClock)),
        undo: UndoBatch::new(db.clone(), Arc::new(SystemClock)),
        read: ReadAssignments::new(db.clone()),
        submit: SubmitFile::new(files, Arc::new(SystemIds), db.clone(), Arc::new(SystemClock)),
        jobs: ReadJob::new(db.clone()),
    }
}
