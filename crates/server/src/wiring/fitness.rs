use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use haat_domain::shared::Probe;
use haat_persistence_adapter::PgDatabase;

/// Whether this server should get traffic: the database was found fit once, answers now, and nobody stops us.
#[derive(Clone, Default)]
pub(crate) struct Fitness {
    fit: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

impl Fitness {
    /// The check at start has passed.
    pub(crate) fn database_is_fit(&self) {
        self.fit.store(true, Ordering::Release);
    }

    /// No more traffic, please.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// The probes of the health check.
    pub(crate) fn probes(&self, db: &PgDatabase) -> Vec<Box<dyn Probe>> {
        vec![
            Box::new(StopProbe(self.stopping.clone())),
            Box::new(DatabaseProbe {
                fit: self.fit.clone(),
                db: db.clone(),
            }),
        ]
    }
}

struct StopProbe(Arc<AtomicBool>);

#[async_trait]
impl Probe for StopProbe {
    fn name(&self) -> &'static str {
        "server"
    }

    async fn check(&self) -> Result<(), String> {
        if self.0.load(Ordering::Acquire) {
            Err("stopping".to_owned())
        } else {
            Ok(())
        }
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
