//! What applying, cancelling and taking back an import have in common.

use haat_domain::import::{Import, ImportState, ImportTx};
use haat_domain::shared::{Begin, ImportId, Receipt, StorageFailure, TenantId};

use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Permission, begin};

/// Why an import was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeImportError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// In this state that cannot be done.
    #[error("the import is {}", .0.as_str())]
    State(ImportState),
    /// This one, which came later, is being taken back, and has to be done with first.
    #[error("import {0}, which came later, is being taken back")]
    LaterUndo(ImportId),
}

impl From<StorageFailure> for ChangeImportError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// A transaction and the import, locked in it; or the receipt of when it was done before.
pub(super) enum Held {
    Now(Box<dyn ImportTx>, Box<Import>),
    Before(Receipt),
}

pub(super) async fn hold(
    db: &dyn Begin<dyn ImportTx>,
    actor: &Actor,
    id: ImportId,
    change: &Change,
) -> Result<Held, ChangeImportError> {
    let mut tx = match begin(db, actor, Permission::ManageRetailers, change).await? {
        Begun::Now(tx) => tx,
        Begun::Before(receipt) => return Ok(Held::Before(receipt)),
    };
    if let Some(import) = tx.imports().lock(actor.tenant, id).await? {
        return Ok(Held::Now(tx, Box::new(import)));
    }
    tx.roll_back().await;
    Err(ChangeImportError::NotFound)
}

/// The import as it is now.
pub(super) async fn again(
    tx: &mut dyn ImportTx,
    tenant: TenantId,
    id: ImportId,
) -> Result<Import, ChangeImportError> {
    tx.imports().lock(tenant, id).await?.ok_or(ChangeImportError::NotFound)
}

/// What was done with an import, for the audit log.
pub(super) fn deed(action: &'static str, id: ImportId) -> Changed {
    Changed { action, entity: "import", id: id.to_string(), before: None, after: None }
}
