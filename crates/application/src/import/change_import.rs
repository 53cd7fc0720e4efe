//! Code shared by applying, cancelling and undoing an import.

use haat_domain::import::{Import, ImportState, ImportTx};
use haat_domain::shared::{BeginTransaction, ImportId, StorageFailure, StoredResponse, TenantId};

use crate::shared::{Actor, AuditedChange, ChangeError, Permission, Started, WriteOptions, begin};

/// Reasons why an import was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeImportError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The import does not exist.
    #[error("there is no such import")]
    NotFound,
    /// The operation is not allowed in this state.
    #[error("the import is {}", .0.as_str())]
    State(ImportState),
    /// A later import is being undone; that undo must finish first.
    #[error("the later import {0} is being undone; wait until that is done")]
    LaterUndo(ImportId),
}

impl From<StorageFailure> for ChangeImportError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// A transaction with the import locked in it, or the stored response of an earlier request.
pub(super) enum Locked {
    Execute(Box<dyn ImportTx>, Box<Import>),
    Replay(StoredResponse),
}

/// Begins a transaction and locks the import.
pub(super) async fn lock_import(
    db: &dyn BeginTransaction<dyn ImportTx>,
    actor: &Actor,
    id: ImportId,
    write_options: &WriteOptions,
) -> Result<Locked, ChangeImportError> {
    let mut tx = match begin(db, actor, Permission::ManageRetailers, write_options).await? {
        Started::Execute(tx) => tx,
        Started::Replay(stored_response) => return Ok(Locked::Replay(stored_response)),
    };
    if let Some(import) = tx.imports().lock(actor.tenant, id).await? {
        return Ok(Locked::Execute(tx, Box::new(import)));
    }
    tx.roll_back().await;
    Err(ChangeImportError::NotFound)
}

/// Reads the import again after a change.
pub(super) async fn reload(
    tx: &mut dyn ImportTx,
    tenant: TenantId,
    id: ImportId,
) -> Result<Import, ChangeImportError> {
    tx.imports().lock(tenant, id).await?.ok_or(ChangeImportError::NotFound)
}

/// The audit entry of an operation on an import.
pub(super) fn audited(action: &'static str, id: ImportId) -> AuditedChange {
    AuditedChange { action, entity: "import", id: id.to_string(), before: None, after: None }
}
