use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use haat_domain::shared::Probe;
use haat_persistence_adapter::PgDatabase;

/// Whether this server should get traffic: the database was found fit once, and answers now.
#[derive(Clone, Default)]
pub(crate) struct Fitness(Arc<AtomicBool>);

impl Fitness {
    /// The check at start has passed.
    pub(crate) fn database_is_fit(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// The probes of the health check.
    pub(crate) fn probes(&self, db: &PgDatabase) -> Vec<Box<dyn Probe>> {
        vec![Box::new(DatabaseProbe { fit: self.0.clone(), db: db.clone() })]
    }
}

struct DatabaseProbe {
    fit: Arc<AtomicBool>,
    db: PgDatabase,
}

#[async_trait]
impl Probe for DatabaseProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<(), String> {
        if !self.fit.load(Ordering::Acquire) {
            return Err("not checked yet".to_owned());
        }
        self.db.ping().await.map_err(|failure| failure.to_string())
    }
}
