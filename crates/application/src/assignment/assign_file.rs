use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::assignment::{
    AssignmentStager, AssignmentTx, BatchKind, BatchRecord, Drawing, IfAssigned, NamedRep, RepRef, RowFaults,
    ShopLock, WishedRow,
};
use haat_domain::identity::UserStandingReader;
use haat_domain::job::{Attempt, JobEnd, JobError, JobNumbers, JobQueue};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Begin, Clock, FileStore, StorageFailure, TenantId, UserId, csv_value};

use super::Outcome;
use super::draw::{draw, settle};
use super::file_options::FileOptions;
use crate::job::{JobFailure, JobHandler, asker};
use crate::shared::{Actor, Begun, Change, ChangeError, CsvError, CsvRows, Permission, Record, begin};

/// The kind of job that assigns by file.
pub(super) const KIND: &str = "assign-file";

/// Rows are staged in so many at a time.
const CHUNK: usize = 10_000;

/// The most characters of a cell that an error repeats.
const SHOWN: usize = 200;

/// Assigns by file: the whole file or nothing of it is done, in one transaction that also ends the job.
pub struct AssignFile {
    queue: Arc<dyn JobQueue>,
    files: Arc<dyn FileStore>,
    stager: Arc<dyn AssignmentStager>,
    standings: Arc<dyn UserStandingReader>,
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for AssignFile {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let options = FileOptions::of(&attempt.facts).ok_or(JobFailure::Refused("internal-error"))?;
        let actor = self.actor(attempt).await?;
        let batch = self.new_batch(attempt).await?;
        let outcome = async {
            let rows = self.stage(attempt, &options.file, batch).await?;
            self.carry_out(attempt, &actor, &options, batch, rows).await
        };
        let outcome = outcome.await;
        if outcome.is_err() {
            self.forget(attempt.tenant, batch).await;
        }
        outcome
    }

    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
        self.queue.end(attempt, &JobEnd::Failed(why)).await
    }

    async fn ended(&self, attempt: &Attempt) {
        let Some(file) = attempt.facts.get("file") else {
            return;
        };
        // Should it stay behind, it is a file too many and no more.
        if let Err(failure) = self.files.remove(file).await {
            tracing::warn!(file, %failure, "a file that has been worked on stays behind");
        }
    }
}

impl AssignFile {
    /// Builds the handler.
    #[must_use]
    pub fn new(
        queue: Arc<dyn JobQueue>,
        files: Arc<dyn FileStore>,
        stager: Arc<dyn AssignmentStager>,
        standings: Arc<dyn UserStandingReader>,
        db: Arc<dyn Begin<dyn AssignmentTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { queue, files, stager, standings, db, clock }
    }

    /// Whoever asked for it, if they still may.
    async fn actor(&self, attempt: &Attempt) -> Result<Actor, JobFailure> {
        let user = attempt.actor.ok_or(JobFailure::Refused("caller-ended"))?;
        asker(&*self.standings, attempt.tenant, user).await?.ok_or(JobFailure::Refused("caller-ended"))
    }

    /// A batch for this attempt. What an attempt before has staged is forgotten.
    async fn new_batch(&self, attempt: &Attempt) -> Result<BatchId, JobFailure> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = attempt.progress.get("batch") {
            tx.assignments().clear(attempt.tenant, BatchId::new(*before)).await?;
        }
        let batch = tx.assignments().new_batch(attempt.tenant).await?;
        tx.commit().await?;
        self.tend(attempt, batch, 0).await?;
        Ok(batch)
    }

    /// Forgets what was staged; should that fail, the next attempt does it.
    async fn forget(&self, tenant: TenantId, batch: BatchId) {
        let forgotten = async {
            let mut tx = self.db.begin().await?;
            tx.assignments().clear(tenant, batch).await?;
            tx.commit().await
        };
        if let Err(failure) = forgotten.await {
            tracing::warn!(%batch, %failure, "rows of a file stay behind");
        }
    }

    async fn tend(&self, attempt: &Attempt, batch: BatchId, rows: i64) -> Result<(), JobFailure> {
        let progress: JobNumbers = [("batch".to_owned(), batch.get()), ("rows".to_owned(), rows)].into();
        if self.queue.tend(attempt, Some(progress)).await? { Ok(()) } else { Err(JobFailure::Lost) }
    }

    /// Stages the file's rows and notes those that name nobody or no shop at all. Gives how many rows there are.
    async fn stage(&self, attempt: &Attempt, file: &str, batch: BatchId) -> Result<Staged, JobFailure> {
        let file = self.files.open(file).await?.ok_or(JobFailure::Refused("file-lost"))?;
        let mut file = CsvRows::new(file);
        let columns = match file.next().await.map_err(failure)? {
            Some(header) => Columns::of(&header)?,
            None => return Err(JobFailure::Refused("empty-file")),
        };
        let mut stage = self.stager.open(attempt.tenant, batch).await?;
        let (mut row, mut wished, mut rows, mut errors) = (0, 0, Vec::with_capacity(CHUNK), Vec::new());
        while let Some(record) = file.next().await.map_err(failure)? {
            row += 1;
            columns.check(&record)?;
            match columns.read(row, &record) {
                Ok(wish) => {
                    wished += 1;
                    rows.push(wish);
                }
                Err(mut faults) => errors.append(&mut faults),
            }
            if rows.len() + errors.len() >= CHUNK {
                stage.add(&rows).await?;
                self.note(attempt, &mut errors).await?;
                rows.clear();
                self.tend(attempt, batch, row).await?;
            }
        }
        if row == 0 {
            return Err(JobFailure::Refused("no-rows"));
        }
        stage.add(&rows).await?;
        stage.close().await?;
        self.note(attempt, &mut errors).await?;
        self.tend(attempt, batch, row).await?;
        Ok(Staged { rows: row, wished })
    }

    async fn note(&self, attempt: &Attempt, errors: &mut Vec<JobError>) -> Result<(), JobFailure> {
        if !errors.is_empty() {
            self.queue.note_errors(attempt, errors).await?;
            errors.clear();
        }
        Ok(())
    }

    async fn carry_out(
        &self,
        attempt: &Attempt,
        actor: &Actor,
        options: &FileOptions,
        batch: BatchId,
        staged: Staged,
    ) -> Result<(), JobFailure> {
        let tenant = attempt.tenant;
        let change = Change { request_id: options.request_id.clone(), ..Change::default() };
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, &change).await {
            Ok(Begun::Now(tx)) => tx,
            Ok(Begun::Before(_)) => return Err(JobFailure::Lost),
            Err(ChangeError::Storage(failure)) => return Err(failure.into()),
            Err(_) => return Err(JobFailure::Refused("caller-ended")),
        };
        // A database that has crashed meanwhile has lost them: they are kept for a moment only.
        if tx.assignments().staged(tenant, batch).await? != staged.wished {
            return Err(StorageFailure::Unavailable("the staged rows are gone".to_owned()).into());
        }
        let named = tx.assignments().named_reps(tenant, batch).await?;
        let found: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
        let share = options.if_assigned == IfAssigned::Share;
        let how = if share { ShopLock::Lightly } else { ShopLock::Alone };
        let locked = tx.assignments().lock(tenant, batch, &found, how).await?;
        let faults = faults(named, &locked.iter().map(|rep| (rep.id, rep.active)).collect());
        let given = faults.reps.iter().map(|(name, id)| (*id, name.clone())).collect();
        let (reps, if_assigned) = (faults.reps.clone(), options.if_assigned);
        let drawing = Drawing::Assign { reps, if_assigned, from: None };
        let mut outcome = draw(&mut *tx, (tenant, batch), &drawing, (&locked, &given), options.force).await?;
        let failed = tx.assignments().note_row_errors(tenant, batch, attempt.job, &faults).await?;
        if options.validate_only {
            tx.assignments().clear(tenant, batch).await?;
        } else {
            let record = BatchRecord {
                tenant,
                batch,
                kind: BatchKind::Assign,
                actor: (actor.user, actor.role),
                at: self.clock.now(),
                request_id: options.request_id.clone(),
                reason: options.reason.clone(),
                if_assigned,
                force: options.force,
                totals: outcome.totals.clone(),
                loads: outcome.loads.clone(),
                undoes: None,
            };
            settle(&mut *tx, options.plan, &record, &mut outcome).await?;
        }
        let end = JobEnd::Succeeded(numbers(&outcome, staged.rows, failed));
        if !tx.jobs().end(attempt, &end).await? {
            tx.roll_back().await;
            return Err(JobFailure::Lost);
        }
        Ok(tx.commit().await?)
    }
}

fn failure(error: CsvError) -> JobFailure {
    match error {
        CsvError::NotText(_) | CsvError::TooLong | CsvError::OpenQuote => JobFailure::Refused("not-csv"),
        CsvError::Storage(failure) => failure.into(),
    }
}

/// Whom the rows name: those who can be given shops, and those who cannot.
fn faults(named: Vec<NamedRep>, active: &HashMap<UserId, bool>) -> RowFaults {
    let mut faults = RowFaults::default();
    for NamedRep { name, found, .. } in named {
        match found.and_then(|(id, _)| Some((id, *active.get(&id)?))) {
            Some((id, true)) => faults.reps.push((name, id)),
            Some((_, false)) => faults.disabled.push(name),
            None => faults.unknown.push(name),
        }
    }
    faults
}

/// What became of the file. Every row is in one of the numbers; one that says again what another said is repeated.
fn numbers(outcome: &Outcome, rows: i64, failed: i64) -> JobNumbers {
    let totals = &outcome.totals;
    let done = totals.assigned + totals.already_assigned + totals.moved + totals.skipped;
    let mut numbers: JobNumbers = [
        ("rows", rows),
        ("failed", failed),
        ("repeated", rows - failed - done),
        ("assigned", totals.assigned),
        ("alreadyAssigned", totals.already_assigned),
        ("moved", totals.moved),
        ("skipped", totals.skipped),
        ("leftWithout", totals.left_without.count),
        ("crossTerritory", totals.cross_territory.count),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .into();
    if let Some(batch) = outcome.batch {
        numbers.insert("batchId".to_owned(), batch.get());
    }
    numbers
}

/// Rows of a file: all, and those that were staged.
#[derive(Debug, Clone, Copy)]
struct Staged {
    rows: i64,
    wished: i64,
}

/// Where in a record the uid and the representative stand.
struct Columns {
    uid: usize,
    rep: usize,
}

impl Columns {
    fn of(header: &Record<'_>) -> Result<Self, JobFailure> {
        let names: Vec<String> = (0..header.len())
            .map(|place| {
                let cell = header.cell(place).unwrap_or_default().to_lowercase();
                cell.chars().filter(|c| !c.is_whitespace() && *c != '_' && *c != '-').collect()
            })
            .collect();
        let find = |known: &[&str]| {
            let mut places = names.iter().enumerate().filter(|(_, name)| known.contains(&name.as_str()));
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (None, _) => Err(JobFailure::Refused("missing-column")),
                (Some(_), Some(_)) => Err(JobFailure::Refused("repeated-column")),
            }
        };
        Ok(Self {
            uid: find(&["uid", "retailer", "retaileruid"])?,
            rep: find(&["salesrep", "salesrepid", "sr", "username"])?,
        })
    }

    /// A line break in one of them means that somebody forgot to close a quote, and the rows after it are gone with it.
    fn check(&self, record: &Record<'_>) -> Result<(), JobFailure> {
        let broken = |place: usize| record.cell(place).is_some_and(|cell| cell.trim().contains('\n'));
        if broken(self.uid) || broken(self.rep) { Err(JobFailure::Refused("not-csv")) } else { Ok(()) }
    }

    fn read(&self, row: i64, record: &Record<'_>) -> Result<WishedRow, Vec<JobError>> {
        let cell = |place: usize| csv_value(record.cell(place).unwrap_or_default().trim());
        let (uid, rep) = (cell(self.uid), cell(self.rep));
        let error = |field: &str, value: &str| JobError {
            row,
            field: field.to_owned(),
            code: if value.is_empty() { "required" } else { "invalid" }.to_owned(),
            value: value.chars().filter(|c| *c != '\0').take(SHOWN).collect(),
        };
        match (RetailerUid::parse(uid), RepRef::parse(rep)) {
            (Ok(uid), Some(rep)) => Ok(WishedRow { row, rep, uid }),
            (Ok(_), None) => Err(vec![error("salesRep", rep)]),
            (Err(_), Some(_)) => Err(vec![error("uid", uid)]),
            (Err(_), None) => Err(vec![error("salesRep", rep), error("uid", uid)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{
        Applied, AssignmentStage, MockAssignmentStage, MockAssignmentStager, MockAssignmentWriter, Totals,
    };
    use haat_domain::identity::{MockUserStandingReader, Role, UserStanding};
    use haat_domain::job::{MockJobQueue, MockJobWriter};
    use haat_domain::shared::{FileReader, FileWriter, JobId, MockClock};

    use super::super::testing::{BATCH, load, locked, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, Pieces, actor, noon};

    /// A store of one file.
    struct OneFile(&'static str, Mutex<bool>);

    #[async_trait]
    impl FileStore for OneFile {
        async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
            Err(StorageFailure::Broken("not here".into()))
        }

        async fn open(&self, _: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
            Ok(Some(Box::new(Pieces::of(&[self.0.as_bytes()]))))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
            *self.1.lock().unwrap() = true;
            Ok(())
        }
    }

    /// Transactions, one after the other: one allots the batch, one carries the file out where it comes to that, and one
    /// forgets what was staged.
    struct Txs(Mutex<Vec<OneTx<FakeTx<MockAssignmentWriter>>>>);

    /// A transaction in which what was staged is forgotten.
    fn forgetting() -> OneTx<FakeTx<MockAssignmentWriter>> {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_clear().withf(|_, batch| *batch == BATCH).returning(|_, _| Ok(()));
        OneTx::new(FakeTx::of(writer))
    }

    #[async_trait]
    impl Begin<dyn AssignmentTx> for Txs {
        async fn begin(&self) -> Result<Box<dyn AssignmentTx>, StorageFailure> {
            let next = self.0.lock().unwrap().remove(0);
            next.begin().await
        }
    }

    fn attempt() -> Attempt {
        let options = FileOptions { file: "f".into(), request_id: "r".into(), ..FileOptions::default() };
        Attempt {
            tenant: actor().tenant,
            job: JobId::new(4),
            kind: KIND.into(),
            actor: Some(actor().user),
            facts: options.facts(),
            progress: [("batch".to_owned(), 2)].into(),
            number: 2,
        }
    }

    fn stager() -> MockAssignmentStager {
        let mut stager = MockAssignmentStager::new();
        stager.expect_open().returning(|_, _| {
            let mut stage = MockAssignmentStage::new();
            stage.expect_add().returning(|_| Ok(()));
            stage.expect_close().returning(|| Ok(()));
            Ok(Box::new(stage) as Box<dyn AssignmentStage>)
        });
        stager
    }

    struct Ran {
        outcome: Result<(), JobFailure>,
        committed: bool,
    }

    /// Runs over this file; the job's end finds it still in hand, or not.
    async fn run(file: &'static str, active: bool, held: bool) -> Ran {
        let mut first = MockAssignmentWriter::new();
        // What the attempt before has staged.
        first.expect_clear().withf(|_, batch| batch.get() == 2).returning(|_, _| Ok(()));
        first.expect_new_batch().returning(|_| Ok(BATCH));
        let mut second = MockAssignmentWriter::new();
        second.expect_staged().returning(|_, _| Ok(2));
        second.expect_named_reps().returning(|_, _| {
            Ok(vec![NamedRep { name: "sr00001".into(), row: 1, found: Some((rep(), true)) }])
        });
        second.expect_lock().returning(|_, _, _, how| {
            assert_eq!(how, ShopLock::Lightly);
            Ok(vec![locked()])
        });
        second.expect_draw().returning(|_, _, _| Ok(Vec::new()));
        second.expect_loads().returning(|_, _| Ok(vec![load(1)]));
        second.expect_sum_up().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        second.expect_note_row_errors().returning(|_, _, _, _| Ok(1));
        second.expect_apply().returning(|_| Ok(Applied { drawn: (1, 0), done: (1, 0) }));
        second.expect_clear().returning(|_, _| Ok(()));
        let mut jobs = MockJobWriter::new();
        jobs.expect_end().returning(move |_, end| {
            let JobEnd::Succeeded(numbers) = end else { panic!("{end:?}") };
            assert_eq!((numbers["rows"], numbers["failed"], numbers["repeated"]), (3, 1, 1));
            Ok(held)
        });
        let second = OneTx::new(FakeTx::of(second).with_jobs(jobs));
        let committed = second.committed();
        let mut txs = vec![OneTx::new(FakeTx::of(first)), forgetting()];
        if file == FILE {
            txs.insert(1, second);
        }
        let db = Txs(Mutex::new(txs));
        let mut queue = MockJobQueue::new();
        queue.expect_tend().returning(|_, _| Ok(true));
        queue.expect_note_errors().returning(|_, errors| {
            assert_eq!(
                (errors[0].row, errors[0].field.as_str(), errors[0].code.as_str()),
                (3, "uid", "invalid")
            );
            Ok(())
        });
        let mut standings = MockUserStandingReader::new();
        standings.expect_find().returning(move |_, _, _| {
            Ok(Some(UserStanding {
                role: Role::Admin,
                active,
                token_version: 9,
                must_change_password: false,
                second_factor: haat_domain::identity::SecondFactor::Off,
                session_ended: false,
            }))
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let files = Arc::new(OneFile(file, Mutex::new(false)));
        let handler = AssignFile::new(
            Arc::new(queue),
            files.clone(),
            Arc::new(stager()),
            Arc::new(standings),
            Arc::new(db),
            Arc::new(clock),
        );
        let outcome = handler.run(&attempt()).await;
        assert!(!*files.1.lock().unwrap(), "another attempt may need it");
        handler.ended(&attempt()).await;
        assert!(*files.1.lock().unwrap());
        Ran { outcome, committed: committed.load(Ordering::SeqCst) }
    }

    const FILE: &str = "uid,sales_rep\nA,sr00001\nA,sr00001\na b,sr00001\n";

    #[tokio::test]
    async fn a_file_is_carried_out_and_its_job_ended_together() {
        let ran = run(FILE, true, true).await;
        assert_eq!((ran.outcome, ran.committed), (Ok(()), true));
    }

    #[tokio::test]
    async fn who_has_lost_the_job_commits_nothing() {
        let ran = run(FILE, true, false).await;
        assert_eq!((ran.outcome, ran.committed), (Err(JobFailure::Lost), false));
    }

    #[tokio::test]
    async fn what_is_no_such_file_or_of_nobody_is_refused() {
        for (file, active, why) in [
            (FILE, false, "caller-ended"),
            ("", true, "empty-file"),
            ("uid,sr\n", true, "no-rows"),
            ("uid\nA\n", true, "missing-column"),
            ("uid,sr,SR\nA,b,c\n", true, "repeated-column"),
        ] {
            let ran = run(file, active, true).await;
            assert_eq!((ran.outcome, ran.committed), (Err(JobFailure::Refused(why)), false), "{file:?}");
        }
    }
}
