use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager as _};
use haat_domain::audit::AuditWriter;
use haat_domain::identity::CallerGuard;
use haat_domain::job::JobWriter;
use haat_domain::shared::{ChangeTx, ReceiptWriter, StorageFailure, Transaction};
use haat_domain::sync::OnCommit;

use super::database::Connection;
use super::to_failure;

/// How long a rollback may take that nobody waits for.
const ROLLBACK: Duration = Duration::from_secs(5);

/// An open transaction on a pooled connection. Implements the writers of every context; a use case sees it through
/// the narrow view of its own.
pub(crate) struct PgTx {
    /// `None` once it has ended.
    connection: Option<Connection>,
    /// How long to wait for an answer.
    patience: Option<Duration>,
    listener: Option<Arc<dyn OnCommit>>,
}

impl PgTx {
    pub(crate) async fn begin(
        connection: Connection,
        patience: Option<Duration>,
        listener: Option<Arc<dyn OnCommit>>,
    ) -> Result<Self, StorageFailure> {
        let mut tx = Self { connection: Some(connection), patience, listener };
        tx.ask(async |connection| AnsiTransactionManager::begin_transaction(connection).await).await?;
        Ok(tx)
    }

    /// Asks inside the transaction. One whose answer does not come in time ends the transaction with its connection.
    pub(crate) async fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut AsyncPgConnection) -> QueryResult<T>,
    ) -> Result<T, StorageFailure> {
        let patience = self.patience;
        let Some(connection) = self.connection.as_mut() else {
            return Err(StorageFailure::Broken("the transaction has ended".to_owned()));
        };
        let Some(answer) = in_time(patience, question(connection)).await else {
            drop(self.connection.take().map(Connection::take));
            return Err(StorageFailure::Unavailable("no answer in time".to_owned()));
        };
        answer.map_err(to_failure)
    }

    /// Tells who listens that something was committed, or seen that was.
    async fn tell(&self) {
        if let Some(listener) = &self.listener {
            listener.committed().await;
        }
    }
}

async fn in_time<T>(patience: Option<Duration>, answer: impl Future<Output = T>) -> Option<T> {
    match patience {
        None => Some(answer.await),
        Some(patience) => tokio::time::timeout(patience, answer).await.ok(),
    }
}

#[async_trait]
impl Transaction for PgTx {
    async fn commit(mut self: Box<Self>) -> Result<(), StorageFailure> {
        let committed =
            self.ask(async |connection| AnsiTransactionManager::commit_transaction(connection).await).await;
        drop(self.connection.take());
        // After a failure too: the answer to a commit can be lost.
        self.tell().await;
        committed
    }

    async fn roll_back(mut self: Box<Self>) {
        let ended =
            self.ask(async |connection| AnsiTransactionManager::rollback_transaction(connection).await).await;
        if let Err(failure) = ended {
            tracing::debug!(%failure, "a rollback failed; the connection is thrown away");
        }
        drop(self.connection.take());
        self.tell().await;
    }
}

impl ChangeTx for PgTx {
    fn caller(&mut self) -> &mut dyn CallerGuard {
        self
    }

    fn receipts(&mut self) -> &mut dyn ReceiptWriter {
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
    /// A connection that goes back to the pool inside a transaction is thrown away and made anew (2 to 3 ms), so
    /// a task of its own rolls it back first.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let rollback = AnsiTransactionManager::rollback_transaction(&mut *connection);
            match in_time(Some(ROLLBACK), rollback).await {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    tracing::debug!(%error, "a rollback failed; the connection is thrown away");
                }
                None => drop(Connection::take(connection)),
            }
        });
    }
}
