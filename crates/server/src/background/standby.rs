use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use haat_persistence_adapter::PgDatabase;

/// The interval between two checks.
const INTERVAL: Duration = Duration::from_secs(10);

/// True while the database is a standby, which cannot be written. The process then serves no requests and does no background work:
/// its caches could not follow the primary.
#[derive(Clone, Default)]
pub struct Standby(Arc<AtomicBool>);

impl Standby {
    /// Returns true if the database was a standby at the last check.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Returns the flag.
    #[must_use]
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    /// Checks the database. Without an answer the flag stays unchanged.
    pub(crate) async fn check(&self, db: &PgDatabase) {
        match db.is_standby().await {
            Ok(standby) => {
                if self.0.swap(standby, Ordering::AcqRel) != standby {
                    tracing::warn!(standby, "the role of the database has changed");
                }
            }
            Err(failure) => tracing::debug!(%failure, "cannot check the role of the database"),
        }
    }

    /// Checks the database again and again.
    pub(crate) async fn watch(self, db: Arc<PgDatabase>) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.check(&db).await;
        }
    }
}
