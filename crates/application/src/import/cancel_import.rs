use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::import::{Import, ImportState, ImportTx};
use haat_domain::shared::{BeginTransaction, Clock, ImportId};

use super::ChangeImportError;
use super::change_import::{Locked, audited, lock_import, reload};
use crate::shared::{Actor, Idempotent, WriteOptions, close};

/// Stops an import. The job that writes its rows locks it for each chunk, so it stops at the end of a chunk.
pub struct CancelImport {
    db: Arc<dyn BeginTransaction<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl CancelImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn ImportTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Stops the import and returns it; no more rows are written. `stored_response` builds the response that
    /// is stored for replays.
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
        let outcome = self.cancel(&mut *tx, actor, import, write_options).await;
        close(tx, actor, write_options, outcome, stored_response).await
    }

    async fn cancel(
        &self,
        tx: &mut dyn ImportTx,
        actor: &Actor,
        import: Import,
        write_options: &WriteOptions,
    ) -> Result<Import, ChangeImportError> {
        match import.state {
            ImportState::Queued | ImportState::Validating | ImportState::Ready | ImportState::Applying => {
                let at = self.clock.now();
                tx.imports().finish(actor.tenant, import.id, ImportState::Cancelled, None, at).await?;
                tx.audit()
                    .record(&[audited("import.cancel", import.id).by(actor, write_options, at)])
                    .await?;
                reload(tx, actor.tenant, import.id).await
            }
            ImportState::Cancelled => Ok(import),
            state => Err(ChangeImportError::State(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{IMPORT_ID, clock, expecting, import, locking, stored_response};
    use super::*;
    use crate::testing::{OneTx, admin};

    async fn execute(
        state: ImportState,
        stops: bool,
    ) -> (Result<Idempotent<Import>, ChangeImportError>, bool) {
        let mut imports = locking(Some(import(state)));
        imports
            .expect_finish()
            .times(usize::from(stops))
            .withf(|_, id, state, failure, _| {
                *id == IMPORT_ID && *state == ImportState::Cancelled && failure.is_none()
            })
            .returning(|_, _, _, _, _| Ok(()));
        let tx = OneTx::new(expecting(imports, "", stops.then_some("import.cancel")));
        let committed = tx.committed();
        let result = CancelImport::new(Arc::new(tx), Arc::new(clock()))
            .execute(&admin(), IMPORT_ID, &WriteOptions::default(), &stored_response)
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn cancels_an_unfinished_import_and_leaves_a_cancelled_one_unchanged() {
        use ImportState::{Applying, Cancelled, Queued, Ready, Validating};
        for state in [Queued, Validating, Ready, Applying, Cancelled] {
            let (result, committed) = execute(state, state != Cancelled).await;
            assert!(matches!(result, Ok(Idempotent::Executed(_))) && committed, "{state:?}");
        }
    }

    #[tokio::test]
    async fn rejects_a_finished_import() {
        use ImportState::{Failed, Partial, Succeeded, Undone};
        for state in [Succeeded, Partial, Failed, Undone] {
            let (result, committed) = execute(state, false).await;
            assert_eq!((result.err(), committed), (Some(ChangeImportError::State(state)), false));
        }
    }
}
