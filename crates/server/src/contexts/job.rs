use std::sync::Arc;

use haat_application::job::{JobUseCases, Jobs, ManageSchedules};
use haat_application::shared::Changes;
use haat_application::{assignment, import, people};
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::system::SystemClock;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::job::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let db = Arc::new(parts.storage.db.core());
    let kinds = [assignment::JOB_KINDS, import::JOB_KINDS, people::JOB_KINDS].concat();
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    let schedule_changes = Changes::new(db.clone(), Arc::new(SystemClock));
    AppData::new(JobUseCases {
        jobs: Jobs::new(db.clone(), kinds, changes),
        schedules: ManageSchedules::new(db, parts.schedules.clone(), schedule_changes),
    })
}
