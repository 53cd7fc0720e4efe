use std::sync::Arc;

use haat_domain::audit::AuditEntry;
use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportActor, ImportState, ImportTx};
use haat_domain::shared::{BeginTransaction, Clock, ImportId, TenantId};

use super::change_import::{Locked, audited, lock_import, reload};
use super::{ChangeImportError, IMPORT, enqueue};
use crate::shared::{Actor, Idempotent, WriteOptions, close};

/// Applies an import whose dry run is `READY`.
pub struct ApplyImport {
    db: Arc<dyn BeginTransaction<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl ApplyImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn ImportTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Starts a job that writes the import, and returns the import. An import that is already being applied
    /// is returned unchanged. `stored_response` builds the response that is stored for replays.
    ///
    /// # Errors
    /// [`ChangeImportError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ImportId,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&Import) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Import>, ChangeImportError> {
        let (mut tx, import) = match lock_import(&*self.db, actor, id, write_options).await? {
            Locked::Execute(tx, import) => (tx, *import),
            Locked::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let by = ImportActor { user: Some((actor.user, actor.role)) };
        let entry = audited("import.apply", id).by(actor, write_options, self.clock.now());
        let outcome = apply(&mut *tx, import, by, &entry).await;
        close(tx, actor, write_options, outcome, stored_response).await
    }

    /// Applies an import for the operator at the command line.
    ///
    /// # Errors
    /// [`ChangeImportError`]. Nothing is changed on an error.
    pub async fn by_operator(&self, tenant: TenantId, id: ImportId) -> Result<Import, ChangeImportError> {
        let mut tx = self.db.begin().await?;
        let import = reload(&mut *tx, tenant, id).await?;
        let entry = audited("import.apply", id).by_operator(tenant, &import.request_id, self.clock.now());
        let import = apply(&mut *tx, import, ImportActor { user: None }, &entry).await?;
        tx.commit().await?;
        Ok(import)
    }
}

/// Starts to write a `READY` import, enqueues the job that continues, and records it in the audit log.
async fn apply(
    tx: &mut dyn ImportTx,
    import: Import,
    by: ImportActor,
    entry: &AuditEntry,
) -> Result<Import, ChangeImportError> {
    match import.state {
        ImportState::Ready => {
            let (tenant, id, at) = (entry.tenant, import.id, entry.at);
            let request_id = entry.request_id.as_deref().unwrap_or_default();
            tx.imports().begin(tenant, id, by, request_id, at).await?;
            enqueue(tx, IMPORT, (tenant, id), by.user.map(|(user, _)| user), request_id, at).await?;
            tx.audit().record(std::slice::from_ref(entry)).await?;
            reload(tx, tenant, id).await
        }
        ImportState::Applying => Ok(import),
        state => Err(ChangeImportError::State(state)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{BATCH, IMPORT_ID, clock, expecting, import, locking, stored_response};
    use super::*;
    use crate::shared::ChangeError;
    use crate::testing::{OneTx, actor, admin};

    async fn execute(
        state: Option<ImportState>,
        by: &Actor,
    ) -> (Result<Idempotent<Import>, ChangeImportError>, bool) {
        let begins = state == Some(ImportState::Ready) && *by == admin();
        let mut imports = locking(state.map(import));
        imports.expect_begin().times(usize::from(begins)).returning(|_, _, _, _, _| Ok(BATCH));
        let tx = OneTx::new(expecting(imports, IMPORT, begins.then_some("import.apply")));
        let committed = tx.committed();
        let result = ApplyImport::new(Arc::new(tx), Arc::new(clock()))
            .execute(by, IMPORT_ID, &WriteOptions::default(), &stored_response)
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_ready_import_is_started_once() {
        for state in [ImportState::Ready, ImportState::Applying] {
            let (result, committed) = execute(Some(state), &admin()).await;
            assert!(matches!(result, Ok(Idempotent::Executed(_))) && committed, "{state:?}");
        }
    }

    #[tokio::test]
    async fn rejects_other_states_missing_imports_and_sales_reps() {
        use ImportState::{Cancelled, Failed, Partial, Queued, Succeeded, Undone, Validating};
        for state in [Queued, Validating, Succeeded, Partial, Failed, Cancelled, Undone] {
            let (result, committed) = execute(Some(state), &admin()).await;
            assert_eq!((result.err(), committed), (Some(ChangeImportError::State(state)), false));
        }
        assert_eq!(execute(None, &admin()).await.0.err(), Some(ChangeImportError::NotFound));
        let (result, committed) = execute(Some(ImportState::Ready), &actor()).await;
        assert_eq!((result.err(), committed), (Some(ChangeError::Forbidden.into()), false));
    }
}
