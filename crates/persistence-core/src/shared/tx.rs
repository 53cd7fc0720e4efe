use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager as _};
use haat_domain::audit::AuditWriter;
use haat_domain::change::{CallerGuard, ChangeTx, StoredResponseWriter};
use haat_domain::job::JobWriter;
use haat_domain::shared::{StorageFailure, Transaction};
use haat_domain::sync::OnCommit;

use super::connect::Connection;
use super::to_failure;

/// Time limit of a rollback in the background.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(5);

/// An open transaction on a pooled connection, with the writers that the changes of every context need.
pub struct PgTx {
    /// `None` once the transaction has ended.
    connection: Option<Connection>,
    /// Time limit of each statement, in addition to that of PostgreSQL.
    response_timeout: Option<Duration>,
    listener: Option<Arc<dyn OnCommit>>,
}

impl PgTx {
    pub(crate) async fn begin(
        connection: Connection,
        response_timeout: Option<Duration>,
        listener: Option<Arc<dyn OnCommit>>,
    ) -> Result<Self, StorageFailure> {
        let mut tx = Self { connection: Some(connection), response_timeout, listener };
        tx.query(async |connection| AnsiTransactionManager::begin_transaction(connection).await).await?;
        Ok(tx)
    }

    /// Runs a statement inside the transaction. If its result does not arrive in time, the connection is closed, which ends
    /// the transaction.
    ///
    /// # Errors
    /// [`StorageFailure`] of the statement.
    pub async fn query<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let limit = self.response_timeout;
        let Some(connection) = self.connection.as_mut() else {
            return Err(StorageFailure::Broken("the transaction has ended".to_owned()));
        };
        let Some(result) = in_time(limit, statement(connection)).await else {
            drop(self.connection.take().map(Connection::take));
            return Err(StorageFailure::Unavailable("no response in time".to_owned()));
        };
        result.map_err(to_failure)
    }

    /// Notifies the listener that the transaction has ended. After a rollback too: the transaction may have waited for
    /// another one, whose commit the next read has to see.
    async fn notify_listener(&self) {
        if let Some(listener) = &self.listener {
            listener.committed().await;
        }
    }
}

async fn in_time<T>(limit: Option<Duration>, result: impl Future<Output = T>) -> Option<T> {
    match limit {
        None => Some(result.await),
        Some(limit) => tokio::time::timeout(limit, result).await.ok(),
    }
}

#[async_trait]
impl Transaction for PgTx {
    async fn commit(mut self: Box<Self>) -> Result<(), StorageFailure> {
        let committed =
            self.query(async |connection| AnsiTransactionManager::commit_transaction(connection).await).await;
        drop(self.connection.take());
        // Even if the commit failed: its response may have been lost.
        self.notify_listener().await;
        committed
    }

    async fn roll_back(mut self: Box<Self>) {
        let ended = self
            .query(async |connection| AnsiTransactionManager::rollback_transaction(connection).await)
            .await;
        if let Err(failure) = ended {
            tracing::debug!(%failure, "a rollback failed; the connection is discarded");
        }
        drop(self.connection.take());
        self.notify_listener().await;
    }
}

impl ChangeTx for PgTx {
    fn caller(&mut self) -> &mut dyn CallerGuard {
        self
    }

    fn stored_responses(&mut self) -> &mut dyn StoredResponseWriter {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditWriter {
        self
    }

    fn jobs(&mut self) -> &mut dyn JobWriter {
        self
    }
}

impl Drop for PgTx {
    /// Rolls back in a background task. Otherwise the pool would discard the connection and open a new one (2 to 3 ms).
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let rollback = AnsiTransactionManager::rollback_transaction(&mut *connection);
            match in_time(Some(ROLLBACK_TIMEOUT), rollback).await {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    tracing::debug!(%error, "a rollback failed; the connection is discarded");
                }
                None => drop(Connection::take(connection)),
            }
        });
    }
}
