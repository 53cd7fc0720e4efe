use async_trait::async_trait;

use super::{ReceiptWriter, StorageFailure};
use crate::audit::AuditWriter;
use crate::identity::CallerGuard;
use crate::job::JobWriter;

/// An open transaction. A context sees it through a narrow view of its own (a trait that extends this one
/// and gives the context's writers), so that a use case cannot reach another context's tables.
///
/// Dropping it without [`commit`](Self::commit) rolls it back.
#[async_trait]
pub trait Transaction: Send {
    /// Makes every change of this transaction visible and durable.
    ///
    /// # Errors
    /// Whatever the storage says; nothing was changed then.
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure>;

    /// Takes back every change, gives locks free, and waits until this process knows of all that it may have seen. For
    /// whoever answers from what they met inside: a receipt, or a version that was not the expected one.
    async fn roll_back(self: Box<Self>);
}

/// What every change needs of its transaction, whatever it changes. A context's own view extends this one.
pub trait ChangeTx: Transaction {
    /// Who asks for it.
    fn caller(&mut self) -> &mut dyn CallerGuard;
    /// Receipts, for what is to be done once.
    fn receipts(&mut self) -> &mut dyn ReceiptWriter;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn AuditWriter;
    /// Jobs.
    fn jobs(&mut self) -> &mut dyn JobWriter;
}

/// Opens a transaction and shows it through one context's view `Tx`.
#[async_trait]
pub trait Begin<Tx: ?Sized + Transaction>: Send + Sync {
    /// Opens a transaction.
    ///
    /// # Errors
    /// [`StorageFailure::Unavailable`] when no connection could be had in time.
    async fn begin(&self) -> Result<Box<Tx>, StorageFailure>;
}
