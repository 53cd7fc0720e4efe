use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::identity::UserStandingReader;
use haat_domain::import::{Applying, ImportState, ImportTx};
use haat_domain::job::{Attempt, JobEnd};
use haat_domain::shared::{Begin, Clock, StorageFailure};

use super::{UNDO, import_of, may_import, request_of};
use crate::job::{JobFailure, JobHandler};

/// Shops are taken back in so many at a time.
const CHUNK: i64 = 5_000;

/// A chunk that had to give way to somebody else is tried so often at once.
const TRIES: u32 = 5;

/// Takes an import back, a chunk of shops at a time, and then looks whether all is as it was.
pub struct UndoRetailers {
    standings: Arc<dyn UserStandingReader>,
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for UndoRetailers {
    fn kind(&self) -> &'static str {
        UNDO
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let mut tries = 0;
        loop {
            match self.chunk(attempt).await {
                Ok(true) => tries = 0,
                Ok(false) => return Ok(()),
                Err(JobFailure::Storage(StorageFailure::Contended(why))) if tries < TRIES => {
                    tracing::debug!(why, "a chunk of an undo gives way");
                    tries += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The import says why it is not taken back any further; asked for again, it is.
    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().end(attempt, &JobEnd::Failed(why)).await? {
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
        standings: Arc<dyn UserStandingReader>,
        db: Arc<dyn Begin<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { standings, db, clock }
    }

    /// Whether there is more.
    async fn chunk(&self, attempt: &Attempt) -> Result<bool, JobFailure> {
        let (tenant, id) = (attempt.tenant, import_of(attempt)?);
        let actor = may_import(&*self.standings, attempt).await?;
        let actor = actor.ok_or(JobFailure::Refused("caller-ended"))?;
        let mut tx = self.db.begin().await?;
        if !tx.jobs().hold(attempt).await? {
            tx.roll_back().await;
            return Err(JobFailure::Lost);
        }
        let import = tx.imports().lock(tenant, id).await?.ok_or(JobFailure::Refused("internal-error"))?;
        let (Some(undone), Some(undo)) = (import.batch, import.undo) else {
            return Err(JobFailure::Refused("internal-error"));
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
        let over = import.state == ImportState::Undone;
        if over || tx.imports().undo(&applying, undone, CHUNK).await?.is_none() {
            let wrong = if over { 0 } else { tx.imports().finish_undo(&applying, undone).await? };
            if wrong > 0 {
                tracing::error!(import = %id, wrong, "shops are not what they were before the import");
                tx.roll_back().await;
                return Err(JobFailure::Refused("undo-differs"));
            }
            tx.jobs().end(attempt, &JobEnd::Succeeded([].into())).await?;
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

    use haat_domain::identity::MockUserStandingReader;
    use haat_domain::import::{Import, ImportUndo, MockImportWriter, UndoCounts};
    use haat_domain::job::MockJobWriter;
    use haat_domain::shared::{BatchId, JobId};

    use super::super::testing::{BATCH, IMPORT_ID, clock, finding, import};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor};

    /// Transactions, one after the other.
    struct Txs(Mutex<Vec<OneTx<FakeTx<MockImportWriter>>>>);

    #[async_trait]
    impl Begin<dyn ImportTx> for Txs {
        async fn begin(&self) -> Result<Box<dyn ImportTx>, StorageFailure> {
            let next = self.0.lock().unwrap().remove(0);
            next.begin().await
        }
    }

    fn attempt() -> Attempt {
        Attempt {
            tenant: actor().tenant,
            job: JobId::new(1),
            kind: UNDO.into(),
            actor: None,
            facts: super::super::facts(IMPORT_ID, "r"),
            progress: [].into(),
            number: 1,
        }
    }

    fn undoing() -> Import {
        let undo = ImportUndo { batch: BatchId::new(10), counts: UndoCounts::default(), finished: false };
        Import { batch: Some(BATCH), undo: Some(undo), ..import(ImportState::Succeeded) }
    }

    fn tx(imports: MockImportWriter, held: bool, ends: bool) -> OneTx<FakeTx<MockImportWriter>> {
        let mut jobs = MockJobWriter::new();
        jobs.expect_hold().times(1).returning(move |_| Ok(held));
        jobs.expect_end().times(usize::from(ends)).returning(|_, _| Ok(true));
        OneTx::new(FakeTx::of(imports).with_jobs(jobs))
    }

    async fn run(txs: Vec<OneTx<FakeTx<MockImportWriter>>>) -> Result<(), JobFailure> {
        let standings = Arc::new(MockUserStandingReader::new());
        let db = Arc::new(Txs(Mutex::new(txs)));
        UndoRetailers::new(standings, db, Arc::new(clock())).run(&attempt()).await
    }

    fn some() -> MockImportWriter {
        let mut imports = finding(Some(undoing()));
        imports.expect_undo().times(1).returning(|_, undone, _| {
            assert_eq!(undone, BATCH);
            Ok(Some(UndoCounts::default()))
        });
        imports
    }

    fn last(wrong: i64) -> MockImportWriter {
        let mut imports = finding(Some(undoing()));
        imports.expect_undo().times(1).returning(|_, _, _| Ok(None));
        imports.expect_finish_undo().times(1).returning(move |_, _| Ok(wrong));
        imports
    }

    #[tokio::test]
    async fn it_goes_on_until_nothing_is_left_and_is_verified() {
        let txs = vec![tx(some(), true, false), tx(some(), true, false), tx(last(0), true, true)];
        assert_eq!(run(txs).await, Ok(()));
        assert_eq!(run(vec![tx(last(1), true, false)]).await, Err(JobFailure::Refused("undo-differs")));
    }

    #[tokio::test]
    async fn a_chunk_that_has_to_give_way_is_tried_again_and_a_lost_job_is_left() {
        let mut contended = finding(Some(undoing()));
        contended.expect_undo().returning(|_, _, _| Err(StorageFailure::Contended("x".into())));
        assert_eq!(run(vec![tx(contended, true, false), tx(last(0), true, true)]).await, Ok(()));
        assert_eq!(run(vec![tx(finding(None), false, false)]).await, Err(JobFailure::Lost));
    }
}
