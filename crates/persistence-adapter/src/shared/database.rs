use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{PoolError, TimeoutType};
use diesel::{ConnectionError, QueryResult};
use diesel_async::AsyncPgConnection;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt as _;
use haat_domain::shared::StorageFailure;
use haat_domain::sync::OnCommit;

use super::{DatabaseConfig, PgTx, to_failure};

/// A pooled connection.
pub(crate) type Connection = Object<AsyncPgConnection>;

/// Postgres, through a pool. Cheap to clone; implements the readers of every context and opens their transactions.
#[derive(Clone)]
pub struct PgDatabase {
    pool: Pool<AsyncPgConnection>,
    /// How long to wait for an answer.
    patience: Option<Duration>,
    /// Who is told of commits.
    listener: Option<Arc<dyn OnCommit>>,
}

impl PgDatabase {
    /// Builds the pool, on whose tokio runtime all its connections will live. Opens none yet, so it succeeds while
    /// Postgres is away.
    ///
    /// # Errors
    /// [`StorageFailure::Broken`] when the pool cannot be built, or outside a tokio runtime.
    pub fn new(config: &DatabaseConfig) -> Result<Self, StorageFailure> {
        let connecting = config.clone();
        // A connection lives as long as the runtime it was made on. A worker's ends with the worker, at a stop, while
        // another worker may still be waiting for an answer on it; this one outlives them all.
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| StorageFailure::Broken(error.to_string()))?;
        let mut manager = ManagerConfig::default();
        // `Verified`, the default, costs a round trip at every checkout. A closed connection is seen without one.
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_| {
            let config = connecting.clone();
            let connection = runtime.spawn(async move { config.connect().await });
            async move {
                connection
                    .await
                    .map_err(|error| ConnectionError::BadConnection(error.to_string()))?
            }
            .boxed()
        });
        let pool = Pool::builder(AsyncDieselConnectionManager::new_with_config(&config.url, manager))
            .max_size(config.pool_size)
            .wait_timeout(Some(config.connect_timeout))
            .create_timeout(Some(config.connect_timeout))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| StorageFailure::Broken(error.to_string()))?;
        Ok(Self { pool, patience: config.patience(), listener: None })
    }

    /// Tells `listener` of every commit, before whoever asked for it is answered.
    #[must_use]
    pub fn telling(self, listener: Arc<dyn OnCommit>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Opens a transaction.
    pub(crate) async fn open(&self) -> Result<Box<PgTx>, StorageFailure> {
        Ok(Box::new(PgTx::begin(self.free_connection().await?, self.patience, self.listener.clone()).await?))
    }

    /// Asks on a free connection and waits for the answer, a little longer than Postgres itself would work on it: one
    /// that has fallen silent is unavailable. A connection whose answer nobody waited for is closed, not used again.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let mut connection = Unanswered(Some(self.free_connection().await?));
        let answer = question(connection.get()?);
        let answer = match self.patience {
            None => answer.await,
            Some(patience) => tokio::time::timeout(patience, answer)
                .await
                .map_err(|_elapsed| StorageFailure::Unavailable("no answer in time".to_owned()))?,
        };
        connection.answered();
        answer.map_err(to_failure)
    }

    /// Runs one statement that changes something and is a transaction by itself.
    pub(crate) async fn change<T>(
        &self,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let answer = self.ask(statement).await;
        // After a failure too: the answer to a commit can be lost.
        if let Some(listener) = &self.listener {
            listener.committed().await;
        }
        answer
    }

    async fn free_connection(&self) -> Result<Connection, StorageFailure> {
        self.pool.get().await.map_err(|error| {
            StorageFailure::Unavailable(match error {
                PoolError::Timeout(TimeoutType::Wait) => "no free connection in time".to_owned(),
                PoolError::Backend(error) => error.to_string(),
                error => error.to_string(),
            })
        })
    }

    /// Asks Postgres for nothing, to learn whether it answers.
    ///
    /// # Errors
    /// [`StorageFailure::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StorageFailure> {
        self.ask(async |connection| connection.batch_execute("SELECT 1").await).await
    }
}

/// A connection on which a question is open.
struct Unanswered(Option<Connection>);

impl Unanswered {
    fn get(&mut self) -> Result<&mut AsyncPgConnection, StorageFailure> {
        self.0.as_deref_mut().ok_or_else(|| StorageFailure::Broken("the connection is gone".to_owned()))
    }

    /// Back into the pool.
    fn answered(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    /// The caller went away or lost patience. The next one must not wait for this one's answer.
    fn drop(&mut self) {
        drop(self.0.take().map(Connection::take));
    }
}
