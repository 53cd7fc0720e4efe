use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportId, ImportState, ImportTx};

use super::ChangeImportError;
use super::change_import::{audited, lock};
use crate::shared::{Allowed, Audited, Changes, ManageRetailers, Rendered, WriteOptions};

/// Stops an import. The job that writes its rows locks it for each chunk, so it stops at the end of a chunk.
pub struct CancelImport {
    changes: Changes<dyn ImportTx>,
}

impl CancelImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn ImportTx>) -> Self {
        Self { changes }
    }

    /// Stops the import and returns it; no more rows are written.
    ///
    /// # Errors
    /// [`ChangeImportError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageRetailers>,
        id: ImportId,
        options: &WriteOptions,
        render: impl FnOnce(&Import) -> Rendered,
    ) -> Result<StoredResponse, ChangeImportError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let import = lock(tx, tenant, id).await?;
                match import.state {
                    ImportState::Queued
                    | ImportState::Validating
                    | ImportState::Ready
                    | ImportState::Applying => {
                        tx.imports().finish(tenant, id, ImportState::Cancelled, None, at).await?;
                        Ok(Audited::new(lock(tx, tenant, id).await?, audited(AuditAction::ImportCancel, id)))
                    }
                    ImportState::Cancelled => Ok(Audited::unchanged(import)),
                    state => Err(ChangeImportError::State(state)),
                }
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{IMPORT_ID, expecting, import, locking};
    use super::*;
    use crate::testing::{OneTx, allowed, changes, response};

    async fn execute(state: ImportState, stops: bool) -> (Option<ChangeImportError>, bool) {
        let mut imports = locking(Some(import(state)));
        imports
            .expect_finish()
            .times(usize::from(stops))
            .withf(|_, id, state, failure, _| {
                *id == IMPORT_ID && *state == ImportState::Cancelled && failure.is_none()
            })
            .returning(|_, _, _, _, _| Ok(()));
        let tx = OneTx::new(expecting(imports, "", stops.then_some(AuditAction::ImportCancel)));
        let committed = tx.committed();
        let cancel = CancelImport::new(changes(tx));
        let result = cancel.execute(&allowed(), IMPORT_ID, &WriteOptions::default(), response).await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn cancels_an_unfinished_import_and_leaves_a_cancelled_one_unchanged() {
        use ImportState::{Applying, Cancelled, Queued, Ready, Validating};
        for state in [Queued, Validating, Ready, Applying, Cancelled] {
            assert_eq!(execute(state, state != Cancelled).await, (None, true), "{state:?}");
        }
    }

    #[tokio::test]
    async fn rejects_a_finished_import() {
        use ImportState::{Failed, Partial, Succeeded, Undone};
        for state in [Succeeded, Partial, Failed, Undone] {
            assert_eq!(execute(state, false).await, (Some(ChangeImportError::State(state)), false));
        }
    }
}
