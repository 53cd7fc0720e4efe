use std::time::Duration;

use haat_persistence_adapter::{DatabaseConfig, PlanMode};

/// The number of connections for jobs and drains, unless there are more workers than that allows.
const CONNECTIONS: usize = 8;

/// The database settings for this number of job workers: no statement timeout, and plans for many rows. There is a connection for
/// each worker and one for the drains; work that needs a second connection for a moment shares those that are free.
pub(crate) fn long_running_pool(database: &DatabaseConfig, workers: usize) -> DatabaseConfig {
    DatabaseConfig {
        statement_timeout: Duration::ZERO,
        planning: PlanMode::ManyRows,
        pool_size: CONNECTIONS.max(workers + 1),
        ..database.clone()
    }
}
