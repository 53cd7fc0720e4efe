use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::{AnsiTransactionManager, TransactionManager as _};
use haat_domain::shared::{StorageFailure, Transaction};
use haat_domain::sync::OnCommit;

use super::database::Connection;
use super::to_failure;

/// An open transaction on a pooled connection. Implements the writers of every context; a use case sees it through
/// the narrow view of its own.
pub(crate) struct PgTx {
    /// `None` once it has ended.
    connection: Option<Connection>,
    listener: Option<Arc<dyn OnCommit>>,
}

impl PgTx {
    pub(crate) async fn begin(
        mut connection: Connection,
        listener: Option<Arc<dyn OnCommit>>,
    ) -> Result<Self, StorageFailure> {
        AnsiTransactionManager::begin_transaction(&mut *connection).await.map_err(to_failure)?;
        Ok(Self { connection: Some(connection), listener })
    }

    /// The connection inside the transaction.
    pub(crate) fn connection(&mut self) -> Result<&mut Connection, StorageFailure> {
        self.connection.as_mut().ok_or_else(|| StorageFailure::Broken("the transaction has ended".to_owned()))
    }
}

#[async_trait]
impl Transaction for PgTx {
    async fn commit(mut self: Box<Self>) -> Result<(), StorageFailure> {
        let Some(mut connection) = self.connection.take() else {
            return Ok(());
        };
        let committed =
            AnsiTransactionManager::commit_transaction(&mut *connection).await.map_err(to_failure);
        drop(connection);
        // After a failure too: the answer to a commit can be lost.
        if let Some(listener) = &self.listener {
            listener.committed().await;
        }
        committed
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
            if let Err(error) = AnsiTransactionManager::rollback_transaction(&mut *connection).await {
                tracing::debug!(%error, "a rollback failed; the connection is thrown away");
            }
        });
    }
}
