use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use haat_domain::shared::Probe;
use haat_persistence_adapter::PgDatabase;

/// The readiness of this server: the database has passed the check at start and responds now.
#[derive(Clone, Default)]
pub(crate) struct SchemaCheck(Arc<AtomicBool>);

impl SchemaCheck {
    /// Records that the check at start has passed.
    pub(crate) fn mark_ready(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns the probes of the readiness check.
    pub(crate) fn probes(&self, db: &PgDatabase) -> Vec<Box<dyn Probe>> {
        vec![Box::new(DatabaseProbe { ready: self.0.clone(), db: db.clone() })]
    }
}

struct DatabaseProbe {
    ready: Arc<AtomicBool>,
    db: PgDatabase,
}

#[async_trait]
impl Probe for DatabaseProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<(), String> {
        if !self.ready.load(Ordering::Acquire) {
            return Err("not checked yet".to_owned());
        }
        self.db.ping().await.map_err(|failure| failure.to_string())
    }
}
