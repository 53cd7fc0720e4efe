use std::sync::Arc;
use std::time::Duration;

use haat_application::assignment::AssignFile;
use haat_application::job::RunJobs;
use haat_domain::shared::FileStore;
use haat_persistence_adapter::{DatabaseConfig, PgAssignmentStager, PgDatabase, Planning};

use super::Storage;
use crate::config::JobConfig;
use crate::system::SystemClock;

/// Whoever works on jobs. They have connections of their own, on which a statement may take as long as it needs.
pub(crate) fn jobs(
    storage: &Storage,
    database: &DatabaseConfig,
    config: &JobConfig,
    files: Arc<dyn FileStore>,
) -> anyhow::Result<Arc<RunJobs>> {
    let patient = DatabaseConfig {
        statement_timeout: Duration::ZERO,
        planning: Planning::ManyRows,
        pool_size: config.workers * 2 + 1,
        ..database.clone()
    };
    let db = Arc::new(PgDatabase::new(&patient)?.telling(storage.listener.clone()));
    let assign = AssignFile::new(
        db.clone(),
        files,
        Arc::new(PgAssignmentStager::new(patient)),
        db.clone(),
        db.clone(),
        Arc::new(SystemClock),
    );
    Ok(Arc::new(RunJobs::new(db, vec![Arc::new(assign)], config.stale)))
}
