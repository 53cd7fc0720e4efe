use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportActor, ImportId, ImportState, ImportTx};
use haat_domain::shared::TenantId;

use super::change_import::{audited, lock};
use super::{ChangeImportError, IMPORT, enqueue};
use crate::shared::{Allowed, Audited, Changes, ManageRetailers, Rendered, WriteOptions};

/// Applies an import whose dry run is `READY`.
pub struct ApplyImport {
    changes: Changes<dyn ImportTx>,
}

impl ApplyImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn ImportTx>) -> Self {
        Self { changes }
    }

    /// Starts a job that writes the import, and returns the import. An import that is already being applied
    /// is returned unchanged.
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
        let by = ImportActor { user: Some((allowed.user, allowed.role)) };
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let import = lock(tx, allowed.tenant, id).await?;
                self.apply(tx, allowed.tenant, import, by, &options.request_id).await
            })
            .await
    }

    /// Applies an import for the operator at the command line.
    ///
    /// # Errors
    /// [`ChangeImportError`]. Nothing is changed on an error.
    pub async fn by_operator(&self, tenant: TenantId, id: ImportId) -> Result<Import, ChangeImportError> {
        self.changes
            .run_by_operator(
                tenant,
                |import: &Import| &import.request_id,
                async |tx| {
                    let import = lock(tx, tenant, id).await?;
                    let request_id = import.request_id.clone();
                    self.apply(tx, tenant, import, ImportActor { user: None }, &request_id).await
                },
            )
            .await
    }

    /// Starts to write a `READY` import, and enqueues the job that continues.
    async fn apply(
        &self,
        tx: &mut dyn ImportTx,
        tenant: TenantId,
        import: Import,
        by: ImportActor,
        request_id: &str,
    ) -> Result<Audited<Import>, ChangeImportError> {
        match import.state {
            ImportState::Ready => {
                let (id, at) = (import.id, self.changes.now());
                tx.imports().begin(tenant, id, by, request_id, at).await?;
                enqueue(
                    tx,
                    &IMPORT,
                    (tenant, id, import.size),
                    by.user.map(|(user, _)| user),
                    request_id,
                    at,
                )
                .await?;
                Ok(Audited::new(lock(tx, tenant, id).await?, audited(AuditAction::ImportApply, id)))
            }
            ImportState::Applying => Ok(Audited::unchanged(import)),
            state => Err(ChangeImportError::State(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{BATCH, IMPORT_ID, expecting, import, locking};
    use super::*;
    use crate::testing::{OneTx, allowed, changes, response};

    async fn execute(state: ImportState) -> (Option<ChangeImportError>, bool) {
        let begins = state == ImportState::Ready;
        let mut imports = locking(Some(import(state)));
        imports.expect_begin().times(usize::from(begins)).returning(|_, _, _, _, _| Ok(BATCH));
        let tx = OneTx::new(expecting(imports, IMPORT.name, begins.then_some(AuditAction::ImportApply)));
        let committed = tx.committed();
        let apply = ApplyImport::new(changes(tx));
        let result = apply.execute(&allowed(), IMPORT_ID, &WriteOptions::default(), response).await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_ready_import_is_started_once() {
        for state in [ImportState::Ready, ImportState::Applying] {
            assert_eq!(execute(state).await, (None, true), "{state:?}");
        }
    }

    #[tokio::test]
    async fn rejects_other_states() {
        use ImportState::{Cancelled, Failed, Partial, Queued, Succeeded, Undone, Validating};
        for state in [Queued, Validating, Succeeded, Partial, Failed, Cancelled, Undone] {
            assert_eq!(execute(state).await, (Some(ChangeImportError::State(state)), false));
        }
    }
}
