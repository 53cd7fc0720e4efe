use std::sync::Arc;
use std::time::Duration;

use haat_application::assignment::AssignFile;
use haat_application::job::{JobHandlers, RunJobs};
use haat_domain::shared::FileStore;
use haat_persistence_adapter::{DatabaseConfig, PgAssignmentStager, PgDatabase, Planning};

use super::{Storage, import_handlers};
use crate::config::JobConfig;
use crate::system::SystemClock;

/// Whoever works on jobs. They have connections of their own, on which a statement may take as long as it needs.
pub(crate) fn jobs(
    storage: &Storage,
    database: &DatabaseConfig,
    config: &JobConfig,
    files: Arc<dyn FileStore>,
) -> anyhow::Result<Arc<RunJobs>> {
    let patient = patient(database, config.workers);
    let db = Arc::new(PgDatabase::new(&patient)?.telling(storage.listener.clone()));
    let assign = AssignFile::new(
        db.clone(),
        files.clone(),
        Arc::new(PgAssignmentStager::new(patient.clone())),
        db.clone(),
        db.clone(),
        Arc::new(SystemClock),
    );
    let mut handlers: JobHandlers = vec![Arc::new(assign)];
    handlers.extend(import_handlers(&patient, &db, files));
    Ok(Arc::new(RunJobs::new(db, handlers, config.stale)))
}

/// How so many that work on jobs use the database.
pub(crate) fn patient(database: &DatabaseConfig, workers: usize) -> DatabaseConfig {
    DatabaseConfig {
        statement_timeout: Duration::ZERO,
        planning: Planning::ManyRows,
        pool_size: workers * 2 + 1,
        ..database.clone()
    }
}
