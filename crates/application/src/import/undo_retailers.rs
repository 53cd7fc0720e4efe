use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::auth::AuthStateReader;
use haat_domain::import::{Applying, ImportState, ImportTx};
use haat_domain::job::{Attempt, JobEnd, JobKind};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};

use super::{UNDO, import_of, may_import, request_of};
use crate::job::{JobFailure, JobHandler};

/// The number of retailers undone in one transaction.
const CHUNK: i64 = 5_000;

/// The number of immediate retries of a chunk that failed because of contention.
const MAX_RETRIES: u32 = 5;

/// Undoes an import, one chunk of retailers at a time, and then verifies that every undone retailer has its
/// earlier state again.
pub struct UndoRetailers {
    auth_states: Arc<dyn AuthStateReader>,
    db: Arc<dyn BeginTransaction<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for UndoRetailers {
    fn kind(&self) -> &'static JobKind {
        &UNDO
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let mut retries = 0;
        loop {
            match self.chunk(attempt).await {
                Ok(true) => retries = 0,
                Ok(false) => return Ok(()),
                Err(JobFailure::Storage(StorageFailure::Contended(why))) if retries < MAX_RETRIES => {
                    tracing::debug!(why, "retrying an undo chunk after contention");
                    retries += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Stores the reason on the import. Another undo request continues from there.
    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().finish(attempt, &JobEnd::Failed(why)).await? {
            tx.roll_back().await;
            return Ok(false);
        }
        if let Ok(id) = import_of(attempt) {
            tx.imports().undo_failed(attempt.tenant, id, Some(why)).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn ended(&self, _: &Attempt) {}
}

impl UndoRetailers {
    /// Builds the handler.
    #[must_use]
    pub fn new(
        auth_states: Arc<dyn AuthStateReader>,
        db: Arc<dyn BeginTransaction<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { auth_states, db, clock }
    }

    /// Undoes one chunk. Returns `false` when the undo is complete.
    async fn chunk(&self, attempt: &Attempt) -> Result<bool, JobFailure> {
        let (tenant, id) = (attempt.tenant, import_of(attempt)?);
        let actor = may_import(&*self.auth_states, attempt).await?;
        let actor = actor.ok_or(JobFailure::Rejected("caller-ended"))?;
        let mut tx = self.db.begin().await?;
        if !tx.jobs().confirm_claim(attempt).await? {
            tx.roll_back().await;
            return Err(JobFailure::ClaimLost);
        }
        let import = tx.imports().lock(tenant, id).await?.ok_or(JobFailure::Rejected("internal-error"))?;
        let (Some(undone), Some(undo)) = (import.batch, import.undo) else {
            return Err(JobFailure::Rejected("internal-error"));
        };
        let applying = Applying {
            tenant,
            import: id,
            batch: undo.batch,
            actor,
            request_id: request_of(attempt).to_owned(),
            options: import.options,
            columns: import.columns.unwrap_or_default(),
            at: self.clock.now(),
        };
        let is_undone = import.state == ImportState::Undone;
        if is_undone || tx.imports().undo(&applying, undone, CHUNK).await?.is_none() {
            let differing = if is_undone { 0 } else { tx.imports().finish_undo(&applying, undone).await? };
            if differing > 0 {
                tracing::error!(import = %id, differing, "retailers differ from their state before the import");
                tx.roll_back().await;
                return Err(JobFailure::Rejected("undo-differs"));
            }
            tx.jobs().finish(attempt, &JobEnd::Succeeded([].into())).await?;
            tx.commit().await?;
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use haat_domain::auth::MockAuthStateReader;
    use haat_domain::import::{Import, ImportUndo, MockImportWriter, UndoCounts};
    use haat_domain::job::MockJobWriter;
    use haat_domain::shared::{BatchId, JobId};

    use super::super::testing::{BATCH, IMPORT_ID, clock, import, locking};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor};

    /// Transactions, used in order.
    struct Txs(Mutex<Vec<OneTx<FakeTx<MockImportWriter>>>>);

    #[async_trait]
    impl BeginTransaction<dyn ImportTx> for Txs {
        async fn begin(&self) -> Result<Box<dyn ImportTx>, StorageFailure> {
            let next = self.0.lock().unwrap().remove(0);
            next.begin().await
        }
    }

    fn attempt() -> Attempt {
        Attempt {
            tenant: actor().tenant,
            job: JobId::new(1),
            kind: UNDO.name.into(),
            actor: None,
            args: super::super::args(IMPORT_ID, "r"),
            progress: [].into(),
            number: 1,
            scheduled: None,
        }
    }

    fn undoing() -> Import {
        let undo = ImportUndo { batch: BatchId::new(10), counts: UndoCounts::default(), finished: false };
        Import { batch: Some(BATCH), undo: Some(undo), ..import(ImportState::Succeeded) }
    }

    fn tx(imports: MockImportWriter, held: bool, ends: bool) -> OneTx<FakeTx<MockImportWriter>> {
        let mut jobs = MockJobWriter::new();
        jobs.expect_confirm_claim().times(1).returning(move |_| Ok(held));
        jobs.expect_finish().times(usize::from(ends)).returning(|_, _| Ok(true));
        OneTx::new(FakeTx::of(imports).with_jobs(jobs))
    }

    async fn run(txs: Vec<OneTx<FakeTx<MockImportWriter>>>) -> Result<(), JobFailure> {
        let auth_states = Arc::new(MockAuthStateReader::new());
        let db = Arc::new(Txs(Mutex::new(txs)));
        UndoRetailers::new(auth_states, db, Arc::new(clock())).run(&attempt()).await
    }

    fn undoing_a_chunk() -> MockImportWriter {
        let mut imports = locking(Some(undoing()));
        imports.expect_undo().times(1).returning(|_, undone, _| {
            assert_eq!(undone, BATCH);
            Ok(Some(UndoCounts::default()))
        });
        imports
    }

    fn finishing(differing: i64) -> MockImportWriter {
        let mut imports = locking(Some(undoing()));
        imports.expect_undo().times(1).returning(|_, _, _| Ok(None));
        imports.expect_finish_undo().times(1).returning(move |_, _| Ok(differing));
        imports
    }

    #[tokio::test]
    async fn undoes_chunks_until_none_is_left_and_verifies_the_result() {
        let txs = vec![
            tx(undoing_a_chunk(), true, false),
            tx(undoing_a_chunk(), true, false),
            tx(finishing(0), true, true),
        ];
        assert_eq!(run(txs).await, Ok(()));
        assert_eq!(run(vec![tx(finishing(1), true, false)]).await, Err(JobFailure::Rejected("undo-differs")));
    }

    #[tokio::test]
    async fn retries_a_contended_chunk_and_stops_when_the_job_is_lost() {
        let mut contended = locking(Some(undoing()));
        contended.expect_undo().returning(|_, _, _| Err(StorageFailure::Contended("x".into())));
        assert_eq!(run(vec![tx(contended, true, false), tx(finishing(0), true, true)]).await, Ok(()));
        assert_eq!(run(vec![tx(locking(None), false, false)]).await, Err(JobFailure::ClaimLost));
    }
}
