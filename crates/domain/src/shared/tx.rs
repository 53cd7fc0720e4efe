use async_trait::async_trait;

use super::StorageFailure;

/// An open transaction. Each context has its own narrow view of it (a trait that extends this one and
/// provides the context's writers), so that a use case cannot access the tables of another context.
///
/// A transaction that is dropped without [`commit`](Self::commit) is rolled back.
#[async_trait]
pub trait Transaction: Send {
    /// Commits: every change of this transaction becomes visible and durable.
    ///
    /// # Errors
    /// [`StorageFailure`] from the storage; nothing was changed in that case.
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure>;

    /// Undoes every change, releases the locks, and waits until this process has processed every commit that
    /// the transaction may have seen. For callers whose response depends on data read in the transaction: a
    /// stored response, or a version other than the expected one.
    async fn roll_back(self: Box<Self>);
}

/// Opens transactions as the view `Tx` of one context.
#[async_trait]
pub trait BeginTransaction<Tx: ?Sized + Transaction>: Send + Sync {
    /// Opens a transaction.
    ///
    /// # Errors
    /// [`StorageFailure::Unavailable`] if no connection became free in time.
    async fn begin(&self) -> Result<Box<Tx>, StorageFailure>;
}
