use std::time::Duration;

use haat_persistence_adapter::{DatabaseConfig, PlanMode};

/// The database settings for this number of job workers: no statement timeout, and plans for many rows.
pub(crate) fn long_running_pool(database: &DatabaseConfig, workers: usize) -> DatabaseConfig {
    DatabaseConfig {
        statement_timeout: Duration::ZERO,
        planning: PlanMode::ManyRows,
        pool_size: workers * 2 + 1,
        ..database.clone()
    }
}
