use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::auth::AuthStateReader;
use haat_domain::import::{
    Applying, Chunk, Import, ImportActor, ImportId, ImportReader, ImportStager, ImportState, ImportTx,
    OnError,
};
use haat_domain::job::{Attempt, CANCELLED, JobEnd, JobKind};
use haat_domain::shared::{BeginTransaction, Clock, FileStore, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::stage_rows::stage_rows;
use super::{FileRejection, IMPORT, ImportFile, ImportFileError, import_of, may_import, request_of};
use crate::job::{JobFailure, JobHandler};

/// The number of rows written in one transaction. Other changes to their retailers wait until it commits.
const CHUNK: i64 = 5_000;

/// The number of immediate retries of a chunk that failed because of contention.
const MAX_RETRIES: u32 = 5;

/// Reads a file of retailers, validates it and writes it chunk by chunk. The transaction of each chunk also
/// advances the checkpoint, so that another process can continue where this one stopped.
pub struct ImportRetailers {
    imports: Arc<dyn ImportReader>,
    files: Arc<dyn FileStore>,
    stager: Arc<dyn ImportStager>,
    maps: Arc<dyn SalesMapReader>,
    auth_states: Arc<dyn AuthStateReader>,
    db: Arc<dyn BeginTransaction<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

/// The outcome of one step of an attempt.
enum Step {
    /// The job has more steps.
    Continue,
    /// The job has ended, or another process has taken it over.
    Done,
}

#[async_trait]
impl JobHandler for ImportRetailers {
    fn kind(&self) -> &'static JobKind {
        &IMPORT
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let id = import_of(attempt)?;
        loop {
            let found = self.imports.find(attempt.tenant, id).await?;
            let import = found.ok_or(JobFailure::Rejected("internal-error"))?;
            let step = match import.state {
                ImportState::Queued | ImportState::Validating => {
                    match may_import(&*self.auth_states, attempt).await? {
                        Some(actor) => self.validate(attempt, &import, actor).await?,
                        None => self.reject(attempt, "caller-ended", None).await?,
                    }
                }
                ImportState::Applying => self.apply(attempt, &import).await?,
                _ => self.end(attempt).await?,
            };
            if matches!(step, Step::Done) {
                return Ok(());
            }
        }
    }

    /// Fails an import that has not written rows. Cancels one that has; it can then be undone.
    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
        self.fail_with(attempt, why, None).await
    }

    async fn ended(&self, _: &Attempt) {}
}

impl ImportRetailers {
    /// Fails the import with a code, and for a rejected file stores the columns and the number of rows read
    /// before the error.
    async fn fail_with(
        &self,
        attempt: &Attempt,
        why: &'static str,
        rejection: Option<(&FileRejection, i64)>,
    ) -> Result<bool, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().finish(attempt, &JobEnd::Failed(why)).await? {
            tx.roll_back().await;
            return Ok(false);
        }
        if let Ok(id) = import_of(attempt)
            && let Some(import) = tx.imports().lock(attempt.tenant, id).await?
            && matches!(import.state, ImportState::Queued | ImportState::Validating | ImportState::Applying)
        {
            let is_cancelled = why == CANCELLED;
            let state = if is_cancelled || import.state == ImportState::Applying {
                ImportState::Cancelled
            } else {
                ImportState::Failed
            };
            let failure = Some(why).filter(|_| !is_cancelled);
            tx.imports().finish(attempt.tenant, id, state, failure, self.clock.now()).await?;
            if let Some((rejection, rows)) = rejection {
                let (columns, extra) = (rejection.columns(), rejection.extra_columns());
                tx.imports().record_rejection(attempt.tenant, id, columns, extra, rows).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Builds the handler.
    #[must_use]
    pub fn new(
        imports: Arc<dyn ImportReader>,
        files: Arc<dyn FileStore>,
        stager: Arc<dyn ImportStager>,
        maps: Arc<dyn SalesMapReader>,
        auth_states: Arc<dyn AuthStateReader>,
        db: Arc<dyn BeginTransaction<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { imports, files, stager, maps, auth_states, db, clock }
    }

    /// Stages the rows and determines the outcome of each.
    async fn validate(
        &self,
        attempt: &Attempt,
        import: &Import,
        actor: ImportActor,
    ) -> Result<Step, JobFailure> {
        let Some(file) = self.files.open(&import.file).await? else {
            return self.reject(attempt, "file-lost", None).await;
        };
        // Reads the map from the database, so that it includes places created a moment ago.
        let map = self.maps.read_uncached(attempt.tenant).await?;
        let mut file = match ImportFile::open(file, &import.options, map).await {
            Ok(file) => file,
            Err(ImportFileError::Refused(rejection)) => {
                return self.reject(attempt, rejection.code(), Some((&rejection, 0))).await;
            }
            Err(ImportFileError::Storage(failure)) => return Err(failure.into()),
        };
        let columns = file.columns();
        let opened = self
            .stager
            .open(attempt, import.id, columns, file.extra_columns(), file.column_headers())
            .await?;
        let Some((mut stage, staged)) = opened else {
            return self.end(attempt).await;
        };
        match stage_rows(&mut *stage, &mut file, staged).await {
            Ok(true) => {}
            Ok(false) => return self.end(attempt).await,
            Err(ImportFileError::Refused(rejection)) => {
                return self.reject(attempt, rejection.code(), Some((&rejection, file.rows_read()))).await;
            }
            Err(ImportFileError::Storage(failure)) => return Err(failure.into()),
        }
        let Some((mut tx, import)) = self.lock_in_state(attempt, import.id, ImportState::Validating).await?
        else {
            return self.end(attempt).await;
        };
        let (tenant, id, options) = (attempt.tenant, import.id, &import.options);
        let counts = tx.imports().check(tenant, &import).await?;
        let at = self.clock.now();
        let step = if options.on_error == OnError::Abort && counts.failed > 0 {
            tx.imports().ready(tenant, id, counts).await?;
            tx.imports().finish(tenant, id, ImportState::Failed, Some("rows-failed"), at).await?;
            Step::Done
        } else if options.dry_run {
            tx.imports().ready(tenant, id, counts).await?;
            Step::Done
        } else {
            tx.imports().begin(tenant, id, actor, request_of(attempt), at).await?;
            Step::Continue
        };
        match step {
            Step::Done => tx.jobs().finish(attempt, &JobEnd::Succeeded([].into())).await?,
            // Renews the heartbeat: validation may have taken longer than other processes wait for one.
            Step::Continue => tx.jobs().confirm_claim(attempt).await?,
        };
        tx.commit().await?;
        Ok(step)
    }

    /// Writes the remaining rows.
    async fn apply(&self, attempt: &Attempt, import: &Import) -> Result<Step, JobFailure> {
        let mut retries = 0;
        loop {
            // Before each chunk, because an import takes long enough for its requester to lose the permission.
            let Some(actor) = may_import(&*self.auth_states, attempt).await? else {
                return self.reject(attempt, "caller-ended", None).await;
            };
            match self.apply_chunk(attempt, import.id, actor).await {
                Ok(Some(Step::Continue)) => retries = 0,
                Ok(Some(Step::Done)) => return Ok(Step::Done),
                Ok(None) => return self.end(attempt).await,
                Err(StorageFailure::Contended(why)) if retries < MAX_RETRIES => {
                    tracing::debug!(why, "retrying an import chunk after contention");
                    retries += 1;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Writes the next chunk, or finishes the import after the last one. Returns `None` if the attempt has
    /// lost the job or the import is no longer being applied.
    async fn apply_chunk(
        &self,
        attempt: &Attempt,
        id: ImportId,
        actor: ImportActor,
    ) -> Result<Option<Step>, StorageFailure> {
        let Some((mut tx, import)) = self.lock_in_state(attempt, id, ImportState::Applying).await? else {
            return Ok(None);
        };
        let (tenant, at) = (attempt.tenant, self.clock.now());
        if import.applied_to >= import.total {
            let state = if import.counts.failed > 0 { ImportState::Partial } else { ImportState::Succeeded };
            tx.imports().finish(tenant, import.id, state, None, at).await?;
            tx.jobs().finish(attempt, &JobEnd::Succeeded([].into())).await?;
            tx.commit().await?;
            return Ok(Some(Step::Done));
        }
        let no_batch = || StorageFailure::Broken("an import that is being applied has no batch".to_owned());
        let applying = Applying {
            tenant,
            import: import.id,
            batch: import.batch.ok_or_else(no_batch)?,
            actor,
            request_id: request_of(attempt).to_owned(),
            options: import.options,
            columns: import.columns.unwrap_or_default(),
            at,
        };
        let chunk = Chunk { after: import.applied_to, to: import.total.min(import.applied_to + CHUNK) };
        tx.imports().apply(&applying, chunk).await?;
        tx.commit().await?;
        Ok(Some(Step::Continue))
    }

    /// Begins a transaction in which the attempt holds the job and the import is locked in the given state;
    /// `None` if either no longer applies.
    async fn lock_in_state(
        &self,
        attempt: &Attempt,
        id: ImportId,
        state: ImportState,
    ) -> Result<Option<(Box<dyn ImportTx>, Import)>, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if tx.jobs().confirm_claim(attempt).await?
            && let Some(import) = tx.imports().lock(attempt.tenant, id).await?
            && import.state == state
        {
            return Ok(Some((tx, import)));
        }
        tx.roll_back().await;
        Ok(None)
    }

    async fn reject(
        &self,
        attempt: &Attempt,
        why: &'static str,
        rejection: Option<(&FileRejection, i64)>,
    ) -> Result<Step, JobFailure> {
        if self.fail_with(attempt, why, rejection).await? {
            Ok(Step::Done)
        } else {
            Err(JobFailure::ClaimLost)
        }
    }

    /// Ends a job that has nothing left to do, unless the attempt has lost it.
    async fn end(&self, attempt: &Attempt) -> Result<Step, JobFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().finish(attempt, &JobEnd::Succeeded([].into())).await? {
            tx.roll_back().await;
            return Err(JobFailure::ClaimLost);
        }
        tx.commit().await?;
        Ok(Step::Done)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use haat_domain::auth::{AuthState, MockAuthStateReader};
    use haat_domain::import::{
        FilePart, ImportCounts, ImportOptions, MockImportReader, MockImportStage, MockImportStager,
        MockImportWriter,
    };
    use haat_domain::job::MockJobWriter;
    use haat_domain::shared::{FileReader, FileWriter, JobId, Role, UserId};
    use haat_domain::territory::{MockSalesMapReader, SalesMap};

    use super::super::testing::{BATCH, IMPORT_ID, clock, import, locking};
    use super::*;
    use crate::testing::{FakeTx, OneTx, Pieces, actor, auth_state};

    /// A file store with one file.
    struct OneFile(Option<&'static str>);

    #[async_trait]
    impl FileStore for OneFile {
        async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
            Err(StorageFailure::Broken("not supported".into()))
        }

        async fn open(&self, _: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
            Ok(self.0.map(|text| Box::new(Pieces::of(&[text.as_bytes()])) as Box<dyn FileReader>))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
            Ok(())
        }
    }

    /// Transactions, used in order.
    struct Txs(Mutex<Vec<OneTx<FakeTx<MockImportWriter>>>>);

    #[async_trait]
    impl BeginTransaction<dyn ImportTx> for Txs {
        async fn begin(&self) -> Result<Box<dyn ImportTx>, StorageFailure> {
            let next = self.0.lock().unwrap().remove(0);
            next.begin().await
        }
    }

    type Tx = OneTx<FakeTx<MockImportWriter>>;

    /// A transaction in which the attempt holds the job, and which ends the job with `ends`, if given.
    fn tx(imports: MockImportWriter, ends: Option<JobEnd>) -> Tx {
        let mut jobs = MockJobWriter::new();
        jobs.expect_confirm_claim().returning(|_| Ok(true));
        jobs.expect_finish()
            .times(usize::from(ends.is_some()))
            .withf(move |_, end| Some(end) == ends.as_ref())
            .returning(|_, _| Ok(true));
        OneTx::new(FakeTx::of(imports).with_jobs(jobs))
    }

    fn succeeded() -> JobEnd {
        JobEnd::Succeeded([].into())
    }

    /// The storage during a run of the job.
    struct Scenario {
        /// The states of the import, in the order in which the job reads them.
        states: Vec<Import>,
        file: Option<&'static str>,
        stager: MockImportStager,
        txs: Vec<Tx>,
        active: bool,
    }

    impl Scenario {
        fn of(states: Vec<Import>, txs: Vec<Tx>) -> Self {
            let file = Some("uid,name,territory_id\nA,One,x\n");
            Self { states, file, stager: MockImportStager::new(), txs, active: true }
        }

        async fn run(self) -> Result<(), JobFailure> {
            let (mut imports, states) = (MockImportReader::new(), Mutex::new(self.states));
            imports.expect_find().returning(move |_, _| Ok(Some(states.lock().unwrap().remove(0))));
            let (mut readers, active) = (MockAuthStateReader::new(), self.active);
            readers
                .expect_find()
                .returning(move |_, _, _| Ok(Some(AuthState { active, ..auth_state(Role::Admin) })));
            let mut maps = MockSalesMapReader::new();
            maps.expect_read_uncached().returning(|_| Ok(Arc::new(SalesMap::default())));
            let handler = ImportRetailers::new(
                Arc::new(imports),
                Arc::new(OneFile(self.file)),
                Arc::new(self.stager),
                Arc::new(maps),
                Arc::new(readers),
                Arc::new(Txs(Mutex::new(self.txs))),
                Arc::new(clock()),
            );
            handler
                .run(&Attempt {
                    tenant: actor().tenant,
                    job: JobId::new(1),
                    kind: IMPORT.name.into(),
                    actor: Some(UserId::new(7)),
                    args: super::super::args(IMPORT_ID, "r"),
                    progress: [].into(),
                    number: 1,
                    scheduled: None,
                })
                .await
        }
    }

    /// A stager that has staged `already_staged` rows and expects a file with one invalid row, whose `add` returns
    /// `adds`.
    fn staging(already_staged: i64, adds: Option<bool>) -> MockImportStager {
        let mut stager = MockImportStager::new();
        stager.expect_open().times(1).return_once(move |_, _, columns, _, _| {
            assert!(columns.name && columns.territory && !columns.phone);
            let mut stage = MockImportStage::new();
            stage
                .expect_add()
                .times(usize::from(adds.is_some()))
                .withf(|FilePart { to, rows, errors, failed, places }| {
                    let counts = (rows.len(), errors.len(), failed.len(), places.len());
                    (*to, counts) == (1, (0, 1, 1, 0))
                })
                .returning(move |_| Ok(adds.unwrap_or_default()));
            Ok(Some((Box::new(stage), already_staged)))
        });
        stager
    }

    fn checked(options: ImportOptions, failed: i64) -> MockImportWriter {
        let mut imports = locking(Some(Import { options, ..import(ImportState::Validating) }));
        let counts = ImportCounts { failed, ..ImportCounts::default() };
        imports.expect_check().times(1).returning(move |_, _| Ok(counts));
        imports
    }

    fn finishing(
        mut imports: MockImportWriter,
        state: ImportState,
        failure: Option<&'static str>,
    ) -> MockImportWriter {
        imports
            .expect_finish()
            .times(1)
            .withf(move |_, id, to, code, _| *id == IMPORT_ID && *to == state && *code == failure)
            .returning(|_, _, _, _, _| Ok(()));
        imports
    }

    fn applying(applied_to: i64, total: i64, failed: i64) -> Import {
        let counts = ImportCounts { failed, ..ImportCounts::default() };
        Import { batch: Some(BATCH), applied_to, total, counts, ..import(ImportState::Applying) }
    }

    #[tokio::test]
    async fn stages_validates_and_applies_a_file() {
        let mut imports = checked(ImportOptions::default(), 1);
        imports.expect_begin().times(1).returning(|_, _, _, _, _| Ok(BATCH));
        let queued = Import { ..import(ImportState::Queued) };
        let end =
            tx(finishing(locking(Some(applying(1, 1, 1))), ImportState::Partial, None), Some(succeeded()));
        let mut scenario = Scenario::of(vec![queued, applying(1, 1, 1)], vec![tx(imports, None), end]);
        scenario.stager = staging(0, Some(true));
        assert_eq!(scenario.run().await, Ok(()));
    }

    #[tokio::test]
    async fn does_not_stage_rows_again() {
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let mut imports = checked(options, 0);
        imports.expect_ready().times(1).returning(|_, _, _| Ok(()));
        let begun = Import { options, ..import(ImportState::Validating) };
        let mut scenario = Scenario::of(vec![begun], vec![tx(imports, Some(succeeded()))]);
        scenario.stager = staging(1, None);
        assert_eq!(scenario.run().await, Ok(()));
    }

    #[tokio::test]
    async fn on_error_abort_writes_nothing_if_one_row_is_invalid() {
        let options = ImportOptions { on_error: OnError::Abort, ..ImportOptions::default() };
        let mut imports = finishing(checked(options, 1), ImportState::Failed, Some("rows-failed"));
        imports.expect_ready().times(1).withf(|_, _, counts| counts.failed == 1).returning(|_, _, _| Ok(()));
        let begun = Import { options, ..import(ImportState::Validating) };
        let mut scenario = Scenario::of(vec![begun], vec![tx(imports, Some(succeeded()))]);
        scenario.stager = staging(0, Some(true));
        assert_eq!(scenario.run().await, Ok(()));
    }

    #[tokio::test]
    async fn rejects_invalid_files_and_callers_who_lost_the_permission() {
        let queued = || vec![import(ImportState::Queued)];
        let required = ["name", "region", "area", "territory"].as_slice();
        for (file, active, failure, rejection) in [
            (None, true, "file-lost", None),
            (Some(""), true, "empty-file", Some(([].as_slice(), 0))),
            (Some("uid,place\nA,b\n"), true, "missing-column", Some((required, 0))),
            (Some("uid,name,territory_id\n"), true, "no-rows", Some((&[], 0))),
            (Some("uid,name,territory_id\nA,a,x\nB,\"b,x\n"), true, "open-quote", Some((&[], 1))),
            (Some("uid\nA\n"), false, "caller-ended", None),
        ] {
            let mut imports =
                finishing(locking(Some(import(ImportState::Queued))), ImportState::Failed, Some(failure));
            imports
                .expect_record_rejection()
                .times(usize::from(rejection.is_some()))
                .withf(move |_, _, columns, extra, rows| {
                    assert_eq!(extra.len(), usize::from(failure == "missing-column"));
                    rejection == Some((columns, *rows))
                })
                .returning(|_, _, _, _, _| Ok(()));
            let mut scenario = Scenario::of(queued(), vec![tx(imports, Some(JobEnd::Failed(failure)))]);
            (scenario.file, scenario.active) = (file, active);
            if ["no-rows", "open-quote"].contains(&failure) {
                scenario.stager = staging(0, None);
            }
            assert_eq!(scenario.run().await, Ok(()), "{failure}");
        }
    }

    #[tokio::test]
    async fn ends_the_job_of_a_cancelled_import() {
        let mut scenario =
            Scenario::of(vec![import(ImportState::Queued)], vec![tx(locking(None), Some(succeeded()))]);
        scenario.stager = staging(0, Some(false));
        assert_eq!(scenario.run().await, Ok(()));
        let stopped = tx(locking(Some(import(ImportState::Cancelled))), None);
        let scenario =
            Scenario::of(vec![applying(0, 9, 0)], vec![stopped, tx(locking(None), Some(succeeded()))]);
        assert_eq!(scenario.run().await, Ok(()));
        let scenario =
            Scenario::of(vec![import(ImportState::Cancelled)], vec![tx(locking(None), Some(succeeded()))]);
        assert_eq!(scenario.run().await, Ok(()));
    }

    #[tokio::test]
    async fn writes_rows_from_the_checkpoint_and_retries_contended_chunks() {
        let chunk = |from: i64, result: Result<ImportCounts, StorageFailure>| {
            let mut imports = locking(Some(applying(from, 12_000, 0)));
            imports
                .expect_apply()
                .times(1)
                .withf(move |applying, chunk| {
                    let to = 12_000.min(from + CHUNK);
                    applying.batch == BATCH && *chunk == Chunk { after: from, to }
                })
                .return_once(move |_, _| result);
            tx(imports, None)
        };
        let done = || Ok(ImportCounts::default());
        let end = finishing(locking(Some(applying(12_000, 12_000, 0))), ImportState::Succeeded, None);
        let txs = vec![
            chunk(5_000, Err(StorageFailure::Contended("x".into()))),
            chunk(5_000, done()),
            chunk(10_000, done()),
            tx(end, Some(succeeded())),
        ];
        assert_eq!(Scenario::of(vec![applying(5_000, 12_000, 0)], txs).run().await, Ok(()));
        let unavailable = StorageFailure::Unavailable("x".into());
        let scenario = Scenario::of(
            vec![applying(0, 9, 0)],
            vec![{
                let mut imports = locking(Some(applying(0, 9, 0)));
                let failure = unavailable.clone();
                imports.expect_apply().return_once(move |_, _| Err(failure));
                tx(imports, None)
            }],
        );
        assert_eq!(scenario.run().await, Err(JobFailure::Storage(unavailable)), "the next attempt continues");
    }
}
