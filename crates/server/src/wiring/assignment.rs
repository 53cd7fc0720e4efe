use std::sync::Arc;

use haat_application::assignment::{AssignRetailers, AssignmentApi, UnassignRetailers};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of assignment.
pub(crate) fn assignment(storage: &Storage) -> AssignmentApi {
    AssignmentApi {
        assign: AssignRetailers::new(storage.db.clone(), Arc::new(SystemClock)),
        unassign: UnassignRetailers::new(storage.db.clone(), Arc::new(SystemClock)),
    }
}
