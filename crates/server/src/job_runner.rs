use std::sync::Arc;

use haat_application::assignment::AssignFile;
use haat_application::job::{JobHandlers, RunJobs};
use haat_domain::auth::{DerivedPasswords, PasswordHasher};
use haat_domain::job::JobQueue;
use haat_domain::schedule::{ScheduleStore, ScheduleTx};
use haat_domain::shared::{BeginTransaction, FileStore};
use haat_persistence_adapter::{DatabaseConfig, PgAssignmentStager, PgDatabase};

use crate::config::JobConfig;
use crate::contexts::import::import_handlers;
use crate::contexts::job::job_handlers;
use crate::contexts::people::create_handler;
use crate::system::SystemClock;
use crate::wiring::{Storage, long_running_pool};

/// The connection for claims, heartbeats, schedules and the recovery of jobs.
pub(crate) fn claims(
    database: &DatabaseConfig,
) -> anyhow::Result<Arc<impl JobQueue + ScheduleStore + BeginTransaction<dyn ScheduleTx> + use<>>> {
    let database = PgDatabase::new(&DatabaseConfig { pool_size: 1, ..database.clone() })?;
    Ok(Arc::new(database.core()))
}

/// The worker of jobs. It has its own connections, without a statement timeout, and one more for claims and heartbeats, which do not
/// wait for the work of jobs.
pub(crate) fn job_runner(
    storage: &Storage,
    database: &DatabaseConfig,
    config: &JobConfig,
    claims: Arc<dyn JobQueue>,
    files: Arc<dyn FileStore>,
    passwords: (Arc<dyn DerivedPasswords>, Arc<dyn PasswordHasher>),
) -> anyhow::Result<Arc<RunJobs>> {
    let long_running_pool = long_running_pool(database, config.workers.total());
    let db = Arc::new(PgDatabase::new(&long_running_pool)?.with_commit_listener(storage.listener.clone()));
    let queue = Arc::new(db.core());
    let assign = AssignFile::new(
        (queue.clone(), queue.clone()),
        files.clone(),
        Arc::new(PgAssignmentStager::new(long_running_pool.clone())),
        db.clone(),
        db.clone(),
        Arc::new(SystemClock),
    );
    let mut handlers: JobHandlers = vec![Arc::new(assign), create_handler(&db, files.clone(), passwords)];
    handlers.extend(job_handlers(&db, config.retention.clone(), files.clone()));
    handlers.extend(import_handlers(&long_running_pool, &db, files));
    Ok(Arc::new(RunJobs::new(claims, handlers, config.stale)))
}
