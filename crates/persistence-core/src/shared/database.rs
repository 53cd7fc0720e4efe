use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{PoolError, TimeoutType};
use diesel::{ConnectionError, QueryResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use haat_domain::shared::StorageFailure;
use haat_domain::sync::OnCommit;

use super::connect::Connection;
use super::{DatabaseConfig, PgTx, to_failure};

/// PostgreSQL behind a pool. Cheap to clone.
#[derive(Clone)]
pub struct PgDatabase {
    pool: Pool<AsyncPgConnection>,
    /// Limit on the wait for a result.
    response_timeout: Option<Duration>,
    /// Notified after each commit.
    listener: Option<Arc<dyn OnCommit>>,
}

impl PgDatabase {
    /// Builds the pool. All its connections live on the current tokio runtime. Opens no connection yet, so it succeeds
    /// while PostgreSQL is unavailable.
    ///
    /// # Errors
    /// [`StorageFailure::Broken`] when the pool cannot be built, or outside a tokio runtime.
    pub fn new(config: &DatabaseConfig) -> Result<Self, StorageFailure> {
        let connecting = config.clone();
        // A connection lives as long as the runtime that opened it. A worker's runtime ends with the worker at shutdown,
        // while another worker may still wait for a result on that connection; this runtime outlives all workers.
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| StorageFailure::Broken(error.to_string()))?;
        let mut manager = ManagerConfig::default();
        // `Verified`, the default, costs a round trip at every checkout. A closed connection is detected without one.
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
        Ok(Self { pool, response_timeout: config.response_timeout(), listener: None })
    }

    /// Notifies `listener` after every commit, before the caller gets its result.
    #[must_use]
    pub fn with_commit_listener(self, listener: Arc<dyn OnCommit>) -> Self {
        Self { listener: Some(listener), ..self }
    }

    /// Returns a clone. Databases declared with `group!` have the same method, which returns the database of this crate.
    #[must_use]
    pub fn core(&self) -> Self {
        self.clone()
    }

    /// Opens a transaction.
    ///
    /// # Errors
    /// [`StorageFailure`] if no connection became free in time.
    pub async fn open(&self) -> Result<Box<PgTx>, StorageFailure> {
        let connection = self.free_connection().await?;
        Ok(Box::new(PgTx::begin(connection, self.response_timeout, self.listener.clone()).await?))
    }

    /// Runs a statement on a free connection and waits for its result slightly longer than PostgreSQL's own statement
    /// timeout: a server that does not respond by then is unavailable. A connection with an abandoned query, or over which
    /// PostgreSQL was unavailable, is closed, not reused.
    ///
    /// # Errors
    /// [`StorageFailure`] of the statement.
    pub async fn query<T>(
        &self,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let mut connection = PendingQuery(Some(self.free_connection().await?));
        let result = statement(connection.get()?);
        let result = match self.response_timeout {
            None => result.await,
            Some(limit) => tokio::time::timeout(limit, result)
                .await
                .map_err(|_elapsed| StorageFailure::Unavailable("no response in time".to_owned()))?,
        };
        let result = result.map_err(to_failure);
        // A connection that PostgreSQL has ended may look usable until the end of its stream arrives.
        if !matches!(result, Err(StorageFailure::Unavailable(_))) {
            connection.release();
        }
        result
    }

    /// Runs one statement that changes data and is a transaction of its own, and notifies the listener.
    ///
    /// # Errors
    /// [`StorageFailure`] of the statement.
    pub async fn execute<T>(
        &self,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let result = self.query(statement).await;
        // After a failure too: the response to a commit can be lost.
        if let Some(listener) = &self.listener {
            listener.committed().await;
        }
        result
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

    /// Returns true if PostgreSQL is a standby.
    ///
    /// # Errors
    /// [`StorageFailure`] if it does not respond.
    pub async fn is_standby(&self) -> Result<bool, StorageFailure> {
        let statement = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>("pg_is_in_recovery()"));
        self.query(async |connection| statement.get_result(connection).await).await
    }

    /// Runs a trivial query to check that PostgreSQL responds.
    ///
    /// # Errors
    /// [`StorageFailure::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), StorageFailure> {
        self.query(async |connection| connection.batch_execute("SELECT 1").await).await
    }
}

/// A connection with a query in progress.
struct PendingQuery(Option<Connection>);

impl PendingQuery {
    fn get(&mut self) -> Result<&mut AsyncPgConnection, StorageFailure> {
        self.0
            .as_deref_mut()
            .ok_or_else(|| StorageFailure::Broken("the connection was released already".to_owned()))
    }

    /// Returns the connection to the pool.
    fn release(&mut self) {
        self.0 = None;
    }
}

impl Drop for PendingQuery {
    /// Closes the connection: the caller gave up, and the next caller must not wait for this query's result.
    fn drop(&mut self) {
        drop(self.0.take().map(Connection::take));
    }
}
