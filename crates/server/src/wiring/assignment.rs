use std::sync::Arc;

use haat_application::assignment::{ApplyPlan, AssignmentApi, ChangeAssignments, ReadAssignments, UndoBatch};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of assignment.
pub(crate) fn assignment(storage: &Storage) -> AssignmentApi {
    let db = &storage.db;
    AssignmentApi {
        change: ChangeAssignments::new(db.clone(), Arc::new(SystemClock)),
        apply: ApplyPlan::new(db.clone(), Arc::new(SystemClock)),
        undo: UndoBatch::new(db.clone(), Arc::new(SystemClock)),
        read: ReadAssignments::new(db.clone()),
    }
}
