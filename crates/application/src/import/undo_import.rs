use std::sync::Arc;

use haat_domain::import::ImportState::{Cancelled, Partial, Succeeded, Undone};
use haat_domain::import::{Import, ImportActor, ImportTx, UndoCounts};
use haat_domain::shared::{Begin, Clock, ImportId, Receipt};

use super::change_import::{Held, again, deed, hold};
use super::{ChangeImportError, UNDO, enqueue};
use crate::shared::{Actor, Change, Done, close};

/// The most uids that an answer lists.
const MOST: i64 = 10_000;

/// An import that is taken back, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneImport {
    /// The import.
    pub import: Import,
    /// What would be taken back, where that was all that was asked.
    pub preview: Option<UndoCounts>,
    /// Shops that somebody has changed since and that would stay as they are, at most 10,000.
    pub left: Vec<String>,
}

/// Takes an import back.
pub struct UndoImport {
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl UndoImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn ImportTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The import, which a job now takes back; one for which that has begun already is given as it is. `receipt` makes the
    /// answer that a repetition will be given.
    ///
    /// # Errors
    /// [`ChangeImportError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ImportId,
        change: &Change,
        receipt: &(dyn Fn(&UndoneImport) -> Receipt + Sync),
    ) -> Result<Done<UndoneImport>, ChangeImportError> {
        let (mut tx, import) = match hold(&*self.db, actor, id, change).await? {
            Held::Now(tx, import) => (tx, *import),
            Held::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.undo(&mut *tx, actor, import, change).await;
        close(tx, actor, change, outcome, receipt).await
    }

    async fn undo(
        &self,
        tx: &mut dyn ImportTx,
        actor: &Actor,
        import: Import,
        change: &Change,
    ) -> Result<UndoneImport, ChangeImportError> {
        let (tenant, id) = (actor.tenant, import.id);
        let (mut preview, mut left, mut undone) = (None, Vec::new(), import);
        match (undone.state, undone.batch) {
            (Succeeded | Partial | Cancelled, Some(batch)) if change.validate_only => {
                let (counts, uids) = tx.imports().undo_preview(tenant, batch, MOST).await?;
                (preview, left) = (Some(counts), uids);
            }
            (Succeeded | Partial | Cancelled, Some(batch)) if to_be_begun(&undone) => {
                if let Some(later) = tx.imports().later_undo(tenant, batch).await? {
                    return Err(ChangeImportError::LaterUndo(later));
                }
                let at = self.clock.now();
                if undone.undo.is_none() {
                    let by = ImportActor { user: Some((actor.user, actor.role)) };
                    tx.imports().begin_undo(tenant, id, batch, by, at).await?;
                }
                // What an undo that could not go on has left.
                tx.imports().undo_failed(tenant, id, None).await?;
                enqueue(tx, UNDO, (tenant, id), Some(actor.user), &change.request_id, at).await?;
                tx.audit().record(&[deed("import.undo", id).by(actor, change, at)]).await?;
                undone = again(tx, tenant, id).await?;
            }
            (Succeeded | Partial | Cancelled | Undone, Some(_)) => {}
            (state, _) => return Err(ChangeImportError::State(state)),
        }
        Ok(UndoneImport { import: undone, preview, left })
    }
}

/// Whether nobody takes it back: that has not begun, or has failed on the way.
fn to_be_begun(import: &Import) -> bool {
    import.undo.is_none_or(|undo| !undo.finished && import.failure.is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::import::{ImportState, ImportUndo};

    use super::super::testing::{BATCH, IMPORT_ID, clock, finding, import, receipt, taking};
    use super::*;
    use crate::testing::{OneTx, admin};

    async fn execute(
        import: Import,
        enqueues: bool,
        change: Change,
    ) -> (Result<Done<UndoneImport>, ChangeImportError>, bool) {
        let begins = enqueues && import.undo.is_none();
        let mut imports = finding(Some(import));
        imports
            .expect_begin_undo()
            .times(usize::from(begins))
            .withf(|_, id, undone, _, _| *id == IMPORT_ID && *undone == BATCH)
            .returning(|_, _, _, _, _| Ok(haat_domain::shared::BatchId::new(10)));
        imports.expect_later_undo().withf(|_, undone| *undone == BATCH).returning(|_, _| Ok(None));
        imports
            .expect_undo_failed()
            .times(usize::from(enqueues))
            .withf(|_, _, why| why.is_none())
            .returning(|_, _, _| Ok(()));
        imports.expect_undo_preview().times(usize::from(change.validate_only)).returning(|_, _, _| {
            Ok((UndoCounts { restored: 1, removed: 2, changed: 3 }, vec!["A".to_owned()]))
        });
        let tx = OneTx::new(taking(imports, UNDO, enqueues.then_some("import.undo")));
        let committed = tx.committed();
        let result = UndoImport::new(Arc::new(tx), Arc::new(clock()))
            .execute(&admin(), IMPORT_ID, &change, &receipt)
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn written(state: ImportState) -> Import {
        Import { batch: Some(BATCH), ..import(state) }
    }

    #[tokio::test]
    async fn what_was_written_is_taken_back_once() {
        let undo = Some(ImportUndo { batch: BATCH, counts: UndoCounts::default(), finished: false });
        for state in [Succeeded, Partial, Cancelled] {
            let (result, committed) = execute(written(state), true, Change::default()).await;
            assert!(matches!(result, Ok(Done::Now(_))) && committed, "{state:?}");
            let (result, _) = execute(Import { undo, ..written(state) }, false, Change::default()).await;
            assert!(matches!(result, Ok(Done::Now(_))), "under way: {state:?}");
            let failed = Import { undo, failure: Some("caller-ended".into()), ..written(state) };
            let (result, _) = execute(failed, true, Change::default()).await;
            assert!(matches!(result, Ok(Done::Now(_))), "goes on: {state:?}");
        }
        let (result, _) = execute(Import { undo, ..written(Undone) }, false, Change::default()).await;
        assert!(matches!(result, Ok(Done::Now(_))), "twice is a no-op");
    }

    #[tokio::test]
    async fn the_latest_is_taken_back_first() {
        let mut imports = finding(Some(written(Succeeded)));
        imports.expect_later_undo().times(1).returning(|_, _| Ok(Some(ImportId::new(9))));
        let tx = OneTx::new(taking(imports, UNDO, None));
        let committed = tx.committed();
        let undo = UndoImport::new(Arc::new(tx), Arc::new(clock()));
        let result = undo.execute(&admin(), IMPORT_ID, &Change::default(), &receipt).await;
        assert_eq!(result.err(), Some(ChangeImportError::LaterUndo(ImportId::new(9))));
        assert!(!committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_trial_shows_what_would_be_and_changes_nothing() {
        let trial = Change { validate_only: true, ..Change::default() };
        let (result, committed) = execute(written(Succeeded), false, trial).await;
        let Ok(Done::Now(shown)) = result else { panic!("{result:?}") };
        assert_eq!(
            (shown.preview.map(|counts| counts.changed), shown.left.len(), committed),
            (Some(3), 1, false)
        );
    }

    #[tokio::test]
    async fn what_wrote_nothing_cannot_be_taken_back() {
        use ImportState::{Applying, Failed, Ready};
        for import in [import(Failed), written(Applying), import(Ready), import(Cancelled)] {
            let state = import.state;
            let (result, committed) = execute(import, false, Change::default()).await;
            assert_eq!((result.err(), committed), (Some(ChangeImportError::State(state)), false));
        }
    }
}
