use std::sync::Arc;

use haat_domain::import::{Import, ImportState, ImportTx};
use haat_domain::shared::{Begin, Clock, ImportId, Receipt};

use super::ChangeImportError;
use super::change_import::{Held, again, deed, hold};
use crate::shared::{Actor, Change, Done, close};

/// Stops an import. Whoever writes its rows holds it for a chunk, so that it stops where a chunk ends.
pub struct CancelImport {
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl CancelImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn ImportTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The import, of which nothing more is written. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`ChangeImportError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ImportId,
        change: &Change,
        receipt: &(dyn Fn(&Import) -> Receipt + Sync),
    ) -> Result<Done<Import>, ChangeImportError> {
        let (mut tx, import) = match hold(&*self.db, actor, id, change).await? {
            Held::Now(tx, import) => (tx, *import),
            Held::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.cancel(&mut *tx, actor, import, change).await;
        close(tx, actor, change, outcome, receipt).await
    }

    async fn cancel(
        &self,
        tx: &mut dyn ImportTx,
        actor: &Actor,
        import: Import,
        change: &Change,
    ) -> Result<Import, ChangeImportError> {
        match import.state {
            ImportState::Queued | ImportState::Validating | ImportState::Ready | ImportState::Applying => {
                let at = self.clock.now();
                tx.imports().finish(actor.tenant, import.id, ImportState::Cancelled, None, at).await?;
                tx.audit().record(&[deed("import.cancel", import.id).by(actor, change, at)]).await?;
                again(tx, actor.tenant, import.id).await
            }
            ImportState::Cancelled => Ok(import),
            state => Err(ChangeImportError::State(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{IMPORT_ID, clock, finding, import, receipt, taking};
    use super::*;
    use crate::testing::{OneTx, admin};

    async fn execute(state: ImportState, stops: bool) -> (Result<Done<Import>, ChangeImportError>, bool) {
        let mut imports = finding(Some(import(state)));
        imports
            .expect_finish()
            .times(usize::from(stops))
            .withf(|_, id, state, why, _| {
                *id == IMPORT_ID && *state == ImportState::Cancelled && why.is_none()
            })
            .returning(|_, _, _, _, _| Ok(()));
        let tx = OneTx::new(taking(imports, "", stops.then_some("import.cancel")));
        let committed = tx.committed();
        let result = CancelImport::new(Arc::new(tx), Arc::new(clock()))
            .execute(&admin(), IMPORT_ID, &Change::default(), &receipt)
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn one_that_has_not_ended_is_stopped_and_one_that_was_stopped_stays_so() {
        use ImportState::{Applying, Cancelled, Queued, Ready, Validating};
        for state in [Queued, Validating, Ready, Applying, Cancelled] {
            let (result, committed) = execute(state, state != Cancelled).await;
            assert!(matches!(result, Ok(Done::Now(_))) && committed, "{state:?}");
        }
    }

    #[tokio::test]
    async fn what_has_ended_cannot_be_stopped() {
        use ImportState::{Failed, Partial, Succeeded, Undone};
        for state in [Succeeded, Partial, Failed, Undone] {
            let (result, committed) = execute(state, false).await;
            assert_eq!((result.err(), committed), (Some(ChangeImportError::State(state)), false));
        }
    }
}
