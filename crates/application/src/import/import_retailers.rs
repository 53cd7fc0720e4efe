use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::identity::UserStandingReader;
use haat_domain::import::{
    Applying, Chunk, Import, ImportActor, ImportReader, ImportStager, ImportState, ImportTx, OnError,
};
use haat_domain::job::{Attempt, JobEnd};
use haat_domain::shared::{Begin, Clock, FileStore, ImportId, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::stage_rows::stage_rows;
use super::{IMPORT, ImportFile, ImportFileError, Refusal, import_of, may_import, request_of};
use crate::job::{JobFailure, JobHandler};

/// Rows are written in so many at a time. Whoever changes one of their shops waits until the chunk is written.
const WRITTEN: i64 = 5_000;

/// A chunk that had to give way to somebody else is tried so often at once.
const TRIES: u32 = 5;

/// Reads a file of shops, checks it and writes it, a chunk at a time. How far it is moves in the transaction of the chunk,
/// so that another process goes on where this one was stopped.
pub struct ImportRetailers {
    imports: Arc<dyn ImportReader>,
    files: Arc<dyn FileStore>,
    stager: Arc<dyn ImportStager>,
    maps: Arc<dyn SalesMapReader>,
    standings: Arc<dyn UserStandingReader>,
    db: Arc<dyn Begin<dyn ImportTx>>,
    clock: Arc<dyn Clock>,
}

/// Whether there is more to be done for an attempt.
enum Step {
    /// There is.
    Further,
    /// The job has ended, or somebody else has it.
    Over,
}

#[async_trait]
impl JobHandler for ImportRetailers {
    fn kind(&self) -> &'static str {
        IMPORT
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let id = import_of(attempt)?;
        loop {
            let found = self.imports.find(attempt.tenant, id).await?;
            let import = found.ok_or(JobFailure::Refused("internal-error"))?;
            let step = match import.state {
                ImportState::Queued | ImportState::Validating => {
                    match may_import(&*self.standings, attempt).await? {
                        Some(actor) => self.validate(attempt, &import, actor).await?,
                        None => self.refuse(attempt, "caller-ended", None).await?,
                    }
                }
                ImportState::Applying => self.apply(attempt, &import).await?,
                _ => self.end(attempt).await?,
            };
            if matches!(step, Step::Over) {
                return Ok(());
            }
        }
    }

    /// The file is refused, and nothing of it written. Where that had begun it is stopped, and can be taken back.
    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
        self.fail_about(attempt, why, None).await
    }

    async fn ended(&self, _: &Attempt) {}
}

impl ImportRetailers {
    /// The file is refused, for what is wrong with it after so many rows or for something else.
    async fn fail_about(
        &self,
        attempt: &Attempt,
        why: &'static str,
        refusal: Option<(&Refusal, i64)>,
    ) -> Result<bool, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().end(attempt, &JobEnd::Failed(why)).await? {
            tx.roll_back().await;
            return Ok(false);
        }
        if let Ok(id) = import_of(attempt)
            && let Some(import) = tx.imports().lock(attempt.tenant, id).await?
            && matches!(import.state, ImportState::Queued | ImportState::Validating | ImportState::Applying)
        {
            let begun = import.state == ImportState::Applying;
            let state = if begun { ImportState::Cancelled } else { ImportState::Failed };
            tx.imports().finish(attempt.tenant, id, state, Some(why), self.clock.now()).await?;
            if let Some((refusal, rows)) = refusal {
                let (columns, extra) = (refusal.columns(), refusal.extra_columns());
                tx.imports().refused_for(attempt.tenant, id, columns, extra, rows).await?;
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
        standings: Arc<dyn UserStandingReader>,
        db: Arc<dyn Begin<dyn ImportTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { imports, files, stager, maps, standings, db, clock }
    }

    /// Stages the rows, and looks what would become of them.
    async fn validate(
        &self,
        attempt: &Attempt,
        import: &Import,
        actor: ImportActor,
    ) -> Result<Step, JobFailure> {
        let Some(file) = self.files.open(&import.file).await? else {
            return self.refuse(attempt, "file-lost", None).await;
        };
        // As it is in the database now: a place that was created a moment ago is on it.
        let map = self.maps.read_anew(attempt.tenant).await?;
        let mut file = match ImportFile::open(file, &import.options, map).await {
            Ok(file) => file,
            Err(ImportFileError::Refused(why)) => {
                return self.refuse(attempt, why.code(), Some((&why, 0))).await;
            }
            Err(ImportFileError::Storage(failure)) => return Err(failure.into()),
        };
        let columns = file.columns();
        let opened = self.stager.open(attempt, import.id, columns, file.extra_columns()).await?;
        let Some((mut stage, staged)) = opened else {
            return self.end(attempt).await;
        };
        match stage_rows(&mut *stage, &mut file, staged).await {
            Ok(true) => {}
            Ok(false) => return self.end(attempt).await,
            Err(ImportFileError::Refused(why)) => {
                return self.refuse(attempt, why.code(), Some((&why, file.rows_read()))).await;
            }
            Err(ImportFileError::Storage(failure)) => return Err(failure.into()),
        }
        let Some((mut tx, import)) = self.hold(attempt, import.id, ImportState::Validating).await? else {
            return self.end(attempt).await;
        };
        let (tenant, id, options) = (attempt.tenant, import.id, &import.options);
        let seen = tx.imports().check(tenant, &import).await?;
        let at = self.clock.now();
        let step = if options.on_error == OnError::Abort && seen.failed > 0 {
            tx.imports().ready(tenant, id, seen).await?;
            tx.imports().finish(tenant, id, ImportState::Failed, Some("rows-failed"), at).await?;
            Step::Over
        } else if options.dry_run {
            tx.imports().ready(tenant, id, seen).await?;
            Step::Over
        } else {
            tx.imports().begin(tenant, id, actor, request_of(attempt), at).await?;
            Step::Further
        };
        match step {
            Step::Over => tx.jobs().end(attempt, &JobEnd::Succeeded([].into())).await?,
            // Again, as it may have taken longer than others wait for a sign of life.
            Step::Further => tx.jobs().hold(attempt).await?,
        };
        tx.commit().await?;
        Ok(step)
    }

    /// Writes the rows that are left.
    async fn apply(&self, attempt: &Attempt, import: &Import) -> Result<Step, JobFailure> {
        let Some(actor) = may_import(&*self.standings, attempt).await? else {
            return self.refuse(attempt, "caller-ended", None).await;
        };
        let mut tries = 0;
        loop {
            match self.apply_chunk(attempt, import.id, actor).await {
                Ok(Some(Step::Further)) => tries = 0,
                Ok(Some(Step::Over)) => return Ok(Step::Over),
                Ok(None) => return self.end(attempt).await,
                Err(StorageFailure::Contended(why)) if tries < TRIES => {
                    tracing::debug!(why, "a chunk of an import gives way");
                    tries += 1;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    async fn apply_chunk(
        &self,
        attempt: &Attempt,
        id: ImportId,
        actor: ImportActor,
    ) -> Result<Option<Step>, StorageFailure> {
        let Some((mut tx, import)) = self.hold(attempt, id, ImportState::Applying).await? else {
            return Ok(None);
        };
        let (tenant, at) = (attempt.tenant, self.clock.now());
        if import.applied_to >= import.total {
            let state = if import.counts.failed > 0 { ImportState::Partial } else { ImportState::Succeeded };
            tx.imports().finish(tenant, import.id, state, None, at).await?;
            tx.jobs().end(attempt, &JobEnd::Succeeded([].into())).await?;
            tx.commit().await?;
            return Ok(Some(Step::Over));
        }
        let broken = || StorageFailure::Broken("an import is applied that has no batch".to_owned());
        let applying = Applying {
            tenant,
            import: import.id,
            batch: import.batch.ok_or_else(broken)?,
            actor,
            request_id: request_of(attempt).to_owned(),
            options: import.options,
            columns: import.columns.unwrap_or_default(),
            at,
        };
        let chunk = Chunk { after: import.applied_to, to: import.total.min(import.applied_to + WRITTEN) };
        tx.imports().apply(&applying, chunk).await?;
        tx.commit().await?;
        Ok(Some(Step::Further))
    }

    /// A transaction in which the attempt has the job, and the import is in this state and stays so.
    async fn hold(
        &self,
        attempt: &Attempt,
        id: ImportId,
        state: ImportState,
    ) -> Result<Option<(Box<dyn ImportTx>, Import)>, StorageFailure> {
        let mut tx = self.db.begin().await?;
        if tx.jobs().hold(attempt).await?
            && let Some(import) = tx.imports().lock(attempt.tenant, id).await?
            && import.state == state
        {
            return Ok(Some((tx, import)));
        }
        tx.roll_back().await;
        Ok(None)
    }

    async fn refuse(
        &self,
        attempt: &Attempt,
        why: &'static str,
        refusal: Option<(&Refusal, i64)>,
    ) -> Result<Step, JobFailure> {
        if self.fail_about(attempt, why, refusal).await? { Ok(Step::Over) } else { Err(JobFailure::Lost) }
    }

    /// Ends a job that has nothing more to do, unless somebody else has it.
    async fn end(&self, attempt: &Attempt) -> Result<Step, JobFailure> {
        let mut tx = self.db.begin().await?;
        if !tx.jobs().end(attempt, &JobEnd::Succeeded([].into())).await? {
            tx.roll_back().await;
            return Err(JobFailure::Lost);
        }
        tx.commit().await?;
        Ok(Step::Over)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use haat_domain::identity::{MockUserStandingReader, Role, UserStanding};
    use haat_domain::import::{
        FilePart, ImportCounts, ImportOptions, MockImportReader, MockImportStage, MockImportStager,
        MockImportWriter,
    };
    use haat_domain::job::MockJobWriter;
    use haat_domain::shared::{FileReader, FileWriter, JobId, UserId};
    use haat_domain::territory::{MockSalesMapReader, SalesMap};

    use super::super::testing::{BATCH, IMPORT_ID, clock, finding, import};
    use super::*;
    use crate::testing::{FakeTx, OneTx, Pieces, actor};

    /// A store of one file.
    struct OneFile(Option<&'static str>);

    #[async_trait]
    impl FileStore for OneFile {
        async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
            Err(StorageFailure::Broken("not here".into()))
        }

        async fn open(&self, _: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
            Ok(self.0.map(|text| Box::new(Pieces::of(&[text.as_bytes()])) as Box<dyn FileReader>))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
            Ok(())
        }
    }

    /// Transactions, one after the other.
    struct Txs(Mutex<Vec<OneTx<FakeTx<MockImportWriter>>>>);

    #[async_trait]
    impl Begin<dyn ImportTx> for Txs {
        async fn begin(&self) -> Result<Box<dyn ImportTx>, StorageFailure> {
            let next = self.0.lock().unwrap().remove(0);
            next.begin().await
        }
    }

    type Tx = OneTx<FakeTx<MockImportWriter>>;

    /// A transaction in which the job is held, if it is asked for, and ends like this, if it does.
    fn tx(imports: MockImportWriter, ends: Option<JobEnd>) -> Tx {
        let mut jobs = MockJobWriter::new();
        jobs.expect_hold().returning(|_| Ok(true));
        jobs.expect_end()
            .times(usize::from(ends.is_some()))
            .withf(move |_, end| Some(end) == ends.as_ref())
            .returning(|_, _| Ok(true));
        OneTx::new(FakeTx::of(imports).with_jobs(jobs))
    }

    fn succeeded() -> JobEnd {
        JobEnd::Succeeded([].into())
    }

    /// The storage as a run of the job finds it.
    struct World {
        /// What is found, one after the other.
        states: Vec<Import>,
        file: Option<&'static str>,
        stager: MockImportStager,
        txs: Vec<Tx>,
        active: bool,
    }

    impl World {
        fn of(states: Vec<Import>, txs: Vec<Tx>) -> Self {
            let file = Some("uid,name,territory_id\nA,One,x\n");
            Self { states, file, stager: MockImportStager::new(), txs, active: true }
        }

        async fn run(self) -> Result<(), JobFailure> {
            let (mut imports, states) = (MockImportReader::new(), Mutex::new(self.states));
            imports.expect_find().returning(move |_, _| Ok(Some(states.lock().unwrap().remove(0))));
            let (mut readers, active) = (MockUserStandingReader::new(), self.active);
            let standing = move || UserStanding {
                role: Role::Admin,
                active,
                must_change_password: false,
                second_factor: haat_domain::identity::SecondFactor::Off,
                token_version: 1,
                session_ended: false,
            };
            readers.expect_find().returning(move |_, _, _| Ok(Some(standing())));
            let mut maps = MockSalesMapReader::new();
            maps.expect_read_anew().returning(|_| Ok(Arc::new(SalesMap::default())));
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
                    kind: IMPORT.into(),
                    actor: Some(UserId::new(7)),
                    facts: super::super::facts(IMPORT_ID, "r"),
                    progress: [].into(),
                    number: 1,
                })
                .await
        }
    }

    /// A stager that has staged so many rows, and takes the rest of a file with one wrong row as `takes` says.
    fn staging(already: i64, takes: Option<bool>) -> MockImportStager {
        let mut stager = MockImportStager::new();
        stager.expect_open().times(1).return_once(move |_, _, columns, _| {
            assert!(columns.name && columns.territory && !columns.phone);
            let mut stage = MockImportStage::new();
            stage
                .expect_add()
                .times(usize::from(takes.is_some()))
                .withf(|FilePart { to, rows, errors, places }| {
                    *to == 1 && rows.is_empty() && errors.len() == 1 && places.is_empty()
                })
                .returning(move |_| Ok(takes.unwrap_or_default()));
            Ok(Some((Box::new(stage), already)))
        });
        stager
    }

    fn checked(options: ImportOptions, failed: i64) -> MockImportWriter {
        let mut imports = finding(Some(Import { options, ..import(ImportState::Validating) }));
        let counts = ImportCounts { failed, ..ImportCounts::default() };
        imports.expect_check().times(1).returning(move |_, _| Ok(counts));
        imports
    }

    fn finishing(
        mut imports: MockImportWriter,
        state: ImportState,
        why: Option<&'static str>,
    ) -> MockImportWriter {
        imports
            .expect_finish()
            .times(1)
            .withf(move |_, id, to, because, _| *id == IMPORT_ID && *to == state && *because == why)
            .returning(|_, _, _, _, _| Ok(()));
        imports
    }

    fn applying(applied_to: i64, total: i64, failed: i64) -> Import {
        let counts = ImportCounts { failed, ..ImportCounts::default() };
        Import { batch: Some(BATCH), applied_to, total, counts, ..import(ImportState::Applying) }
    }

    #[tokio::test]
    async fn a_file_is_staged_checked_and_begun() {
        let mut imports = checked(ImportOptions::default(), 1);
        imports.expect_begin().times(1).returning(|_, _, _, _, _| Ok(BATCH));
        let queued = Import { ..import(ImportState::Queued) };
        let end =
            tx(finishing(finding(Some(applying(1, 1, 1))), ImportState::Partial, None), Some(succeeded()));
        let mut world = World::of(vec![queued, applying(1, 1, 1)], vec![tx(imports, None), end]);
        world.stager = staging(0, Some(true));
        assert_eq!(world.run().await, Ok(()));
    }

    #[tokio::test]
    async fn what_is_staged_is_not_staged_again() {
        let options = ImportOptions { dry_run: true, ..ImportOptions::default() };
        let mut imports = checked(options, 0);
        imports.expect_ready().times(1).returning(|_, _, _| Ok(()));
        let begun = Import { options, ..import(ImportState::Validating) };
        let mut world = World::of(vec![begun], vec![tx(imports, Some(succeeded()))]);
        world.stager = staging(1, None);
        assert_eq!(world.run().await, Ok(()));
    }

    #[tokio::test]
    async fn with_abort_one_wrong_row_is_enough_to_write_nothing() {
        let options = ImportOptions { on_error: OnError::Abort, ..ImportOptions::default() };
        let mut imports = finishing(checked(options, 1), ImportState::Failed, Some("rows-failed"));
        imports.expect_ready().times(1).withf(|_, _, seen| seen.failed == 1).returning(|_, _, _| Ok(()));
        let begun = Import { options, ..import(ImportState::Validating) };
        let mut world = World::of(vec![begun], vec![tx(imports, Some(succeeded()))]);
        world.stager = staging(0, Some(true));
        assert_eq!(world.run().await, Ok(()));
    }

    #[tokio::test]
    async fn a_file_that_is_none_or_of_somebody_who_may_not_any_more_is_refused() {
        let queued = || vec![import(ImportState::Queued)];
        let needed = ["name", "region", "area", "territory"].as_slice();
        for (file, active, why, about) in [
            (None, true, "file-lost", None),
            (Some(""), true, "empty-file", Some(([].as_slice(), 0))),
            (Some("uid,place\nA,b\n"), true, "missing-column", Some((needed, 0))),
            (Some("uid,name,territory_id\n"), true, "no-rows", Some((&[], 0))),
            (Some("uid,name,territory_id\nA,a,x\nB,\"b,x\n"), true, "open-quote", Some((&[], 1))),
            (Some("uid\nA\n"), false, "caller-ended", None),
        ] {
            let mut imports =
                finishing(finding(Some(import(ImportState::Queued))), ImportState::Failed, Some(why));
            imports
                .expect_refused_for()
                .times(usize::from(about.is_some()))
                .withf(move |_, _, columns, extra, rows| {
                    assert_eq!(extra.len(), usize::from(why == "missing-column"));
                    about == Some((columns, *rows))
                })
                .returning(|_, _, _, _, _| Ok(()));
            let mut world = World::of(queued(), vec![tx(imports, Some(JobEnd::Failed(why)))]);
            (world.file, world.active) = (file, active);
            if ["no-rows", "open-quote"].contains(&why) {
                world.stager = staging(0, None);
            }
            assert_eq!(world.run().await, Ok(()), "{why}");
        }
    }

    #[tokio::test]
    async fn one_that_was_stopped_takes_no_more_and_its_job_ends() {
        let mut world =
            World::of(vec![import(ImportState::Queued)], vec![tx(finding(None), Some(succeeded()))]);
        world.stager = staging(0, Some(false));
        assert_eq!(world.run().await, Ok(()));
        let stopped = tx(finding(Some(import(ImportState::Cancelled))), None);
        let world = World::of(vec![applying(0, 9, 0)], vec![stopped, tx(finding(None), Some(succeeded()))]);
        assert_eq!(world.run().await, Ok(()));
        let world =
            World::of(vec![import(ImportState::Cancelled)], vec![tx(finding(None), Some(succeeded()))]);
        assert_eq!(world.run().await, Ok(()));
    }

    #[tokio::test]
    async fn rows_are_written_from_the_checkpoint_on_and_again_where_a_chunk_had_to_give_way() {
        let chunk = |from: i64, result: Result<ImportCounts, StorageFailure>| {
            let mut imports = finding(Some(applying(from, 12_000, 0)));
            imports
                .expect_apply()
                .times(1)
                .withf(move |applying, chunk| {
                    let to = 12_000.min(from + WRITTEN);
                    applying.batch == BATCH && *chunk == Chunk { after: from, to }
                })
                .return_once(move |_, _| result);
            tx(imports, None)
        };
        let done = || Ok(ImportCounts::default());
        let end = finishing(finding(Some(applying(12_000, 12_000, 0))), ImportState::Succeeded, None);
        let txs = vec![
            chunk(5_000, Err(StorageFailure::Contended("x".into()))),
            chunk(5_000, done()),
            chunk(10_000, done()),
            tx(end, Some(succeeded())),
        ];
        assert_eq!(World::of(vec![applying(5_000, 12_000, 0)], txs).run().await, Ok(()));
        let away = StorageFailure::Unavailable("x".into());
        let world = World::of(
            vec![applying(0, 9, 0)],
            vec![{
                let mut imports = finding(Some(applying(0, 9, 0)));
                let failure = away.clone();
                imports.expect_apply().return_once(move |_, _| Err(failure));
                tx(imports, None)
            }],
        );
        assert_eq!(world.run().await, Err(JobFailure::Storage(away)), "left to the next attempt");
    }
}
