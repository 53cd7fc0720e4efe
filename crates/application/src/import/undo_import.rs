use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::import::ImportState::{Cancelled, Partial, Succeeded, Undone};
use haat_domain::import::{Import, ImportActor, ImportId, ImportTx, UndoCounts};

use super::change_import::{audited, lock};
use super::{ChangeImportError, UNDO, enqueue};
use crate::shared::{Actor, Allowed, Audited, Changes, ManageRetailers, Rendered, WriteOptions};

/// The most uids listed in a response.
const MAX_UIDS: i64 = 10_000;

/// An import that is being undone, or the preview of an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneImport {
    /// The import.
    pub import: Import,
    /// The counts of a dry run; `None` otherwise.
    pub preview: Option<UndoCounts>,
    /// In a dry run, retailers changed since the import, which would keep their values; at most 10,000 uids.
    pub left: Vec<String>,
}

/// Undoes an import.
pub struct UndoImport {
    changes: Changes<dyn ImportTx>,
}

impl UndoImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn ImportTx>) -> Self {
        Self { changes }
    }

    /// Starts a job that undoes the import, and returns the import. An import whose undo has already started
    /// is returned unchanged.
    ///
    /// # Errors
    /// [`ChangeImportError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageRetailers>,
        id: ImportId,
        options: &WriteOptions,
        render: impl FnOnce(&UndoneImport) -> Rendered,
    ) -> Result<StoredResponse, ChangeImportError> {
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let import = lock(tx, allowed.tenant, id).await?;
                self.undo(tx, allowed, import, options).await
            })
            .await
    }

    async fn undo(
        &self,
        tx: &mut dyn ImportTx,
        actor: &Actor,
        import: Import,
        options: &WriteOptions,
    ) -> Result<Audited<UndoneImport>, ChangeImportError> {
        let (tenant, id) = (actor.tenant, import.id);
        match (import.state, import.batch) {
            (Succeeded | Partial | Cancelled, Some(batch)) if options.validate_only => {
                let (counts, left) = tx.imports().undo_preview(tenant, batch, MAX_UIDS).await?;
                Ok(Audited::unchanged(UndoneImport { import, preview: Some(counts), left }))
            }
            (Succeeded | Partial | Cancelled, Some(batch)) if can_start(&import) => {
                if let Some(later) = tx.imports().later_undo(tenant, batch).await? {
                    return Err(ChangeImportError::LaterUndo(later));
                }
                let at = self.changes.now();
                if import.undo.is_none() {
                    let by = ImportActor { user: Some((actor.user, actor.role)) };
                    tx.imports().begin_undo(tenant, id, batch, by, at).await?;
                }
                // Clears the failure of an earlier undo that stopped.
                tx.imports().undo_failed(tenant, id, None).await?;
                enqueue(tx, &UNDO, (tenant, id, import.size), Some(actor.user), &options.request_id, at)
                    .await?;
                let import = lock(tx, tenant, id).await?;
                let undone = UndoneImport { import, preview: None, left: Vec::new() };
                Ok(Audited::new(undone, audited(AuditAction::ImportUndo, id)))
            }
            (Succeeded | Partial | Cancelled | Undone, Some(_)) => {
                Ok(Audited::unchanged(UndoneImport { import, preview: None, left: Vec::new() }))
            }
            (state, _) => Err(ChangeImportError::State(state)),
        }
    }
}

/// Checks that no undo is running: it has not started, or it has failed.
fn can_start(import: &Import) -> bool {
    import.undo.is_none_or(|undo| !undo.finished && import.failure.is_some())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::import::{ImportState, ImportUndo};

    use super::super::testing::{BATCH, IMPORT_ID, expecting, import, locking};
    use super::*;
    use crate::testing::{OneTx, allowed, changes, response};

    /// Undoes the import. Returns the result, or the error, and whether the change was committed.
    async fn execute(
        import: Import,
        enqueues: bool,
        options: WriteOptions,
    ) -> (Result<UndoneImport, ChangeImportError>, bool) {
        let begins = enqueues && import.undo.is_none();
        let mut imports = locking(Some(import));
        imports
            .expect_begin_undo()
            .times(usize::from(begins))
            .withf(|_, id, undone, _, _| *id == IMPORT_ID && *undone == BATCH)
            .returning(|_, _, _, _, _| Ok(haat_domain::shared::BatchId::new(10)));
        imports.expect_later_undo().withf(|_, undone| *undone == BATCH).returning(|_, _| Ok(None));
        imports
            .expect_undo_failed()
            .times(usize::from(enqueues))
            .withf(|_, _, failure| failure.is_none())
            .returning(|_, _, _| Ok(()));
        imports.expect_undo_preview().times(usize::from(options.validate_only)).returning(|_, _, _| {
            Ok((UndoCounts { restored: 1, removed: 2, changed: 3 }, vec!["A".to_owned()]))
        });
        let tx = OneTx::new(expecting(imports, UNDO.name, enqueues.then_some(AuditAction::ImportUndo)));
        let committed = tx.committed();
        let mut undone = None;
        let render = |import: &UndoneImport| {
            undone = Some(import.clone());
            response(import)
        };
        let undo = UndoImport::new(changes(tx));
        let result = undo.execute(&allowed(), IMPORT_ID, &options, render).await;
        (result.map(|_| undone.unwrap()), committed.load(Ordering::SeqCst))
    }

    fn written(state: ImportState) -> Import {
        Import { batch: Some(BATCH), ..import(state) }
    }

    #[tokio::test]
    async fn undoes_a_written_import_once() {
        let undo = Some(ImportUndo { batch: BATCH, counts: UndoCounts::default(), finished: false });
        for state in [Succeeded, Partial, Cancelled] {
            let (result, committed) = execute(written(state), true, WriteOptions::default()).await;
            assert!(result.is_ok() && committed, "{state:?}");
            let (result, _) =
                execute(Import { undo, ..written(state) }, false, WriteOptions::default()).await;
            assert!(result.is_ok(), "in progress: {state:?}");
            let failed = Import { undo, failure: Some("caller-ended".into()), ..written(state) };
            let (result, _) = execute(failed, true, WriteOptions::default()).await;
            assert!(result.is_ok(), "continues: {state:?}");
        }
        let (result, _) = execute(Import { undo, ..written(Undone) }, false, WriteOptions::default()).await;
        assert!(result.is_ok(), "a second undo is a no-op");
    }

    #[tokio::test]
    async fn rejects_an_undo_while_a_later_import_is_being_undone() {
        let mut imports = locking(Some(written(Succeeded)));
        imports.expect_later_undo().times(1).returning(|_, _| Ok(Some(ImportId::new(9))));
        let tx = OneTx::new(expecting(imports, UNDO.name, None));
        let committed = tx.committed();
        let undo = UndoImport::new(changes(tx));
        let result = undo.execute(&allowed(), IMPORT_ID, &WriteOptions::default(), response).await;
        assert_eq!(result.err(), Some(ChangeImportError::LaterUndo(ImportId::new(9))));
        assert!(!committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_dry_run_returns_a_preview_and_changes_nothing() {
        let dry_run = WriteOptions { validate_only: true, ..WriteOptions::default() };
        let (result, committed) = execute(written(Succeeded), false, dry_run).await;
        let undone = result.unwrap();
        assert_eq!(
            (undone.preview.map(|counts| counts.changed), undone.left.len(), committed),
            (Some(3), 1, false)
        );
    }

    #[tokio::test]
    async fn rejects_an_import_that_wrote_nothing_or_is_not_finished() {
        use ImportState::{Applying, Failed, Ready};
        for import in [import(Failed), written(Applying), import(Ready), import(Cancelled)] {
            let state = import.state;
            let (result, committed) = execute(import, false, WriteOptions::default()).await;
            assert_eq!((result.err(), committed), (Some(ChangeImportError::State(state)), false));
        }
    }
}
