use std::sync::Arc;

use haat_domain::audit::AuditEntry;
use haat_domain::import::{Import, ImportActor, ImportState, ImportTx};
use haat_domain::shared::{Begin, Clock, ImportId, Receipt, TenantId};

use super::change_import::{Held, again, deed, hold};
use super::{ChangeImportError, IMPORT, enqueue};
use crate::shared::{Actor, Change, Done, close};

/// Lets an import that waits be applied.
pub struct ApplyImport {
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

impl ApplyImport {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn ImportTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The import, which a job now writes; one that is being applied already is given as it is. `receipt` makes the answer
    /// that a repetition will be given.
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
        let by = ImportActor { user: Some((actor.user, actor.role)) };
        let entry = deed("import.apply", id).by(actor, change, self.clock.now());
        let outcome = apply(&mut *tx, import, by, &entry).await;
        close(tx, actor, change, outcome, receipt).await
    }

    /// The same for the operator at the command line.
    ///
    /// # Errors
    /// [`ChangeImportError`]; nothing was changed then.
    pub async fn by_operator(&self, tenant: TenantId, id: ImportId) -> Result<Import, ChangeImportError> {
        let mut tx = self.db.begin().await?;
        let import = again(&mut *tx, tenant, id).await?;
        let entry = deed("import.apply", id).by_operator(tenant, &import.request_id, self.clock.now());
        let import = apply(&mut *tx, import, ImportActor { user: None }, &entry).await?;
        tx.commit().await?;
        Ok(import)
    }
}

/// Begins to write one that waits, which a job goes on with, and notes so in the audit log.
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
            again(tx, tenant, id).await
        }
        ImportState::Applying => Ok(import),
        state => Err(ChangeImportError::State(state)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::testing::{BATCH, IMPORT_ID, clock, finding, import, receipt, taking};
    use super::*;
    use crate::shared::ChangeError;
    use crate::testing::{OneTx, actor, admin};

    async fn execute(
        state: Option<ImportState>,
        by: &Actor,
    ) -> (Result<Done<Import>, ChangeImportError>, bool) {
        let begins = state == Some(ImportState::Ready) && *by == admin();
        let mut imports = finding(state.map(import));
        imports.expect_begin().times(usize::from(begins)).returning(|_, _, _, _, _| Ok(BATCH));
        let tx = OneTx::new(taking(imports, IMPORT, begins.then_some("import.apply")));
        let committed = tx.committed();
        let result = ApplyImport::new(Arc::new(tx), Arc::new(clock()))
            .execute(by, IMPORT_ID, &Change::default(), &receipt)
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn one_that_waits_is_begun_once() {
        for state in [ImportState::Ready, ImportState::Applying] {
            let (result, committed) = execute(Some(state), &admin()).await;
            assert!(matches!(result, Ok(Done::Now(_))) && committed, "{state:?}");
        }
    }

    #[tokio::test]
    async fn any_other_is_not() {
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
