use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::assignment::{
    AllocationRequest, AssignmentStager, AssignmentTx, BatchKind, BatchRecord, BatchResult, IfAssigned,
    NamedRep, RepSelector, RequestedAssignment, RetailerLock, RowFaults,
};
use haat_domain::auth::AuthStateReader;
use haat_domain::job::{Attempt, JobEnd, JobError, JobNumbers, JobQueue};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{
    BatchId, BeginTransaction, Clock, FileStore, StorageFailure, TenantId, UserId, csv_value,
};

use super::Outcome;
use super::compute_steps::{compute_steps, settle};
use super::file_options::FileOptions;
use crate::job::{JobFailure, JobHandler, job_requester};
use crate::shared::{
    Allowed, ChangeAssignments, ChangeError, CsvError, CsvRows, Record, Started, UID_NAMES, WriteOptions,
    begin, column_key, column_positions,
};

/// The kind of jobs that assign by file.
pub(super) const KIND: &str = "assign-file";

/// The number of rows staged at a time.
const CHUNK: usize = 10_000;

/// The maximum number of characters of a cell that an error repeats.
const MAX_VALUE_CHARS: usize = 200;

/// Assigns retailers by file: applies all of it or nothing, in one transaction that also ends the job.
pub struct AssignFile {
    queue: Arc<dyn JobQueue>,
    files: Arc<dyn FileStore>,
    stager: Arc<dyn AssignmentStager>,
    auth_states: Arc<dyn AuthStateReader>,
    db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for AssignFile {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let options = FileOptions::of(&attempt.facts).ok_or(JobFailure::Refused("internal-error"))?;
        let allowed = self.requester(attempt).await?;
        let batch = self.new_batch(attempt).await?;
        let outcome = async {
            let rows = self.stage(attempt, &options.file, batch).await?;
            self.apply(attempt, &allowed, &options, batch, rows).await
        };
        let outcome = outcome.await;
        if outcome.is_err() {
            self.clear_staged(attempt.tenant, batch).await;
        }
        outcome
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.queue.end(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, attempt: &Attempt) {
        let Some(file) = attempt.facts.get("file") else {
            return;
        };
        // A file that stays behind only uses space.
        if let Err(failure) = self.files.remove(file).await {
            tracing::warn!(file, %failure, "the file of an ended job could not be removed");
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
        auth_states: Arc<dyn AuthStateReader>,
        db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { queue, files, stager, auth_states, db, clock }
    }

    /// Returns the requester of the job, or an error if they may no longer change assignments.
    async fn requester(&self, attempt: &Attempt) -> Result<Allowed<ChangeAssignments>, JobFailure> {
        let user = attempt.actor.ok_or(JobFailure::Refused("caller-ended"))?;
        job_requester(&*self.auth_states, attempt.tenant, user)
            .await?
            .ok_or(JobFailure::Refused("caller-ended"))
    }

    /// Allocates a batch for this attempt and clears the rows that the previous attempt staged.
    async fn new_batch(&self, attempt: &Attempt) -> Result<BatchId, JobFailure> {
        let mut tx = self.db.begin().await?;
        if let Some(previous) = attempt.progress.get("batch") {
            tx.assignments().clear(attempt.tenant, BatchId::new(*previous)).await?;
        }
        let batch = tx.assignments().new_batch(attempt.tenant).await?;
        tx.commit().await?;
        self.heartbeat(attempt, batch, 0).await?;
        Ok(batch)
    }

    /// Clears the staged rows. If that fails, the next attempt clears them.
    async fn clear_staged(&self, tenant: TenantId, batch: BatchId) {
        let cleared = async {
            let mut tx = self.db.begin().await?;
            tx.assignments().clear(tenant, batch).await?;
            tx.commit().await
        };
        if let Err(failure) = cleared.await {
            tracing::warn!(%batch, %failure, "the staged rows of a file could not be cleared");
        }
    }

    async fn heartbeat(&self, attempt: &Attempt, batch: BatchId, rows: i64) -> Result<(), JobFailure> {
        let progress: JobNumbers = [("batch".to_owned(), batch.get()), ("rows".to_owned(), rows)].into();
        if self.queue.heartbeat(attempt, Some(progress)).await? { Ok(()) } else { Err(JobFailure::Lost) }
    }

    /// Stages the rows of the file, and records an error for each sales rep or uid that is missing or
    /// malformed. Returns the row counts.
    async fn stage(&self, attempt: &Attempt, file: &str, batch: BatchId) -> Result<Staged, JobFailure> {
        let file = self.files.open(file).await?.ok_or(JobFailure::Refused("file-lost"))?;
        let mut file = CsvRows::new(file);
        let columns = match file.next().await.map_err(failure)? {
            Some(header) => Columns::of(&header)?,
            None => return Err(JobFailure::Refused("empty-file")),
        };
        let mut stage = self.stager.open(attempt.tenant, batch).await?;
        let (mut row, mut requested, mut rows, mut errors) = (0, 0, Vec::with_capacity(CHUNK), Vec::new());
        while let Some(record) = file.next().await.map_err(failure)? {
            row += 1;
            columns.check(&record)?;
            match columns.read(record.sheet_row(), &record) {
                Ok(assignment) => {
                    requested += 1;
                    rows.push(assignment);
                }
                Err(mut faults) => errors.append(&mut faults),
            }
            if rows.len() + errors.len() >= CHUNK {
                stage.add(&rows).await?;
                self.record_errors(attempt, &mut errors).await?;
                rows.clear();
                self.heartbeat(attempt, batch, row).await?;
            }
        }
        if row == 0 {
            return Err(JobFailure::Refused("no-rows"));
        }
        stage.add(&rows).await?;
        stage.close().await?;
        self.record_errors(attempt, &mut errors).await?;
        self.heartbeat(attempt, batch, row).await?;
        Ok(Staged { rows: row, requested })
    }

    async fn record_errors(&self, attempt: &Attempt, errors: &mut Vec<JobError>) -> Result<(), JobFailure> {
        if !errors.is_empty() {
            self.queue.note_errors(attempt, errors).await?;
            errors.clear();
        }
        Ok(())
    }

    async fn apply(
        &self,
        attempt: &Attempt,
        allowed: &Allowed<ChangeAssignments>,
        options: &FileOptions,
        batch: BatchId,
        staged: Staged,
    ) -> Result<(), JobFailure> {
        let tenant = attempt.tenant;
        let write_options =
            WriteOptions { request_id: options.request_id.clone(), ..WriteOptions::default() };
        // Not `Changes`: the transaction of the change also ends the job, and there is no response to store.
        let mut tx = match begin(&*self.db, allowed, &write_options).await {
            Ok(Started::Execute(tx)) => tx,
            Ok(Started::Replay(_)) => return Err(JobFailure::Lost),
            Err(ChangeError::Storage(failure)) => return Err(failure.into()),
            Err(_) => return Err(JobFailure::Refused("caller-ended")),
        };
        // The rows are staged in an unlogged table, which is empty after a crash of the database.
        if tx.assignments().staged(tenant, batch).await? != staged.requested {
            return Err(StorageFailure::Unavailable("the staged rows are lost".to_owned()).into());
        }
        let named = tx.assignments().named_reps(tenant, batch).await?;
        let rep_ids: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
        let share = options.if_assigned == IfAssigned::Share;
        let lock = if share { RetailerLock::KeyShare } else { RetailerLock::Exclusive };
        let locked = tx.assignments().lock(tenant, batch, &rep_ids, lock).await?;
        let faults = faults(named, &locked.iter().map(|rep| (rep.id, rep.active)).collect());
        let input_names = faults.reps.iter().map(|(name, id)| (*id, name.clone())).collect();
        let (reps, if_assigned) = (faults.reps.clone(), options.if_assigned);
        let allocation = AllocationRequest::Assign { reps, if_assigned, from: None };
        let mut outcome =
            compute_steps(&mut *tx, (tenant, batch), &allocation, (&locked, &input_names), options.force)
                .await?;
        let failed = tx.assignments().note_row_errors(tenant, batch, attempt.job, &faults).await?;
        if options.validate_only {
            tx.assignments().clear(tenant, batch).await?;
        } else {
            let record = BatchRecord {
                tenant,
                batch,
                kind: BatchKind::Assign,
                actor: (allowed.user, allowed.role),
                at: self.clock.now(),
                request_id: options.request_id.clone(),
                reason: options.reason.clone(),
                if_assigned,
                force: options.force,
                result: BatchResult { failed_rows: failed, ..outcome.result.clone() },
                assigned_counts: outcome.assigned_counts.clone(),
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

/// Groups the named sales reps into those who can be assigned retailers, disabled ones and unknown ones.
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

/// Returns the numbers of the result. Every row is in one of them: repetitions of
/// other rows are `repeated`.
fn numbers(outcome: &Outcome, rows: i64, failed: i64) -> JobNumbers {
    let totals = &outcome.result.totals;
    let done = totals.assigned + totals.already_assigned + totals.moved + totals.skipped;
    let mut numbers: JobNumbers = [
        ("rows", rows),
        ("failed", failed),
        ("repeated", rows - failed - done),
        ("assigned", totals.assigned),
        ("alreadyAssigned", totals.already_assigned),
        ("moved", totals.moved),
        ("skipped", totals.skipped),
        ("unserved", totals.unserved.count),
        ("crossTerritory", totals.cross_territory.count),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .into();
    if let Some(batch) = outcome.batch {
        numbers.insert("batchId".to_owned(), batch.get());
    }
    numbers
}

/// The numbers of rows of a file: all of them, and those that were staged.
#[derive(Debug, Clone, Copy)]
struct Staged {
    rows: i64,
    requested: i64,
}

/// The columns of the uid and the sales rep.
struct Columns {
    uid: usize,
    rep: usize,
    /// True if the sales rep is given by employee code, so that digits are a code and no id.
    rep_is_code: bool,
}

/// Names of the column with a sales rep's id, username or employee code.
const REP_NAMES: &[&str] = &[
    "salesrep",
    "salesrepid",
    "salesrepresentative",
    "sr",
    "srid",
    "username",
    "বিক্রয় প্রতিনিধি",
    "প্রতিনিধি",
    "এসআর",
];

/// Names of the column with a sales rep's employee code.
const CODE_NAMES: &[&str] =
    &["employeecode", "employeeid", "srcode", "salesrepcode", "কর্মী কোড", "কর্মচারী কোড", "এসআর কোড"];

impl Columns {
    fn of(header: &Record<'_>) -> Result<Self, JobFailure> {
        let given: Vec<String> =
            (0..header.len()).map(|column| column_key(header.cell(column).unwrap_or_default())).collect();
        let find = |groups: &[&[&str]]| match *column_positions(&given, groups) {
            [] => Err(JobFailure::Refused("missing-column")),
            [column] => Ok(column),
            _ => Err(JobFailure::Refused("repeated-column")),
        };
        let uid = find(&[&["uid", "retailer"], UID_NAMES])?;
        let rep = find(&[REP_NAMES, CODE_NAMES])?;
        let rep_is_code = column_positions(&given, &[REP_NAMES]).is_empty();
        Ok(Self { uid, rep, rep_is_code })
    }

    /// Rejects a record with a line break in one of these cells. It means that a quote is not closed, and the
    /// cell contains the rows that follow.
    fn check(&self, record: &Record<'_>) -> Result<(), JobFailure> {
        let broken = |column: usize| record.cell(column).is_some_and(|cell| cell.trim().contains('\n'));
        if broken(self.uid) || broken(self.rep) { Err(JobFailure::Refused("not-csv")) } else { Ok(()) }
    }

    fn read(&self, row: i64, record: &Record<'_>) -> Result<RequestedAssignment, Vec<JobError>> {
        let cell = |column: usize| csv_value(record.cell(column).unwrap_or_default().trim());
        let (uid, rep) = (cell(self.uid), cell(self.rep));
        let error = |field: &str, value: &str| JobError {
            row,
            field: field.to_owned(),
            code: if value.is_empty() { "required" } else { "invalid" }.to_owned(),
            value: value.chars().filter(|c| *c != '\0').take(MAX_VALUE_CHARS).collect(),
        };
        let selector =
            if self.rep_is_code { RepSelector::of_code(rep) } else { RepSelector::parse_cell(rep) };
        match (RetailerUid::parse(uid), selector) {
            (Ok(uid), Some(rep)) => Ok(RequestedAssignment { row, rep, uid }),
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
    use haat_domain::auth::{AuthState, MockAuthStateReader};
    use haat_domain::job::{MockJobQueue, MockJobWriter};
    use haat_domain::shared::{FileReader, FileWriter, JobId, MockClock, Role};

    use super::super::testing::{BATCH, assigned_counts_of, locked, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, Pieces, actor, noon};

    /// A store with a single file.
    struct SingleFileStore(&'static str, Mutex<bool>);

    #[async_trait]
    impl FileStore for SingleFileStore {
        async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
            Err(StorageFailure::Broken("not implemented".into()))
        }

        async fn open(&self, _: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
            Ok(Some(Box::new(Pieces::of(&[self.0.as_bytes()]))))
        }

        async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
            *self.1.lock().unwrap() = true;
            Ok(())
        }
    }

    /// A sequence of transactions: one allocates the batch, one applies the file if the run gets that far,
    /// and one clears the staged rows.
    struct TxSequence(Mutex<Vec<OneTx<FakeTx<MockAssignmentWriter>>>>);

    /// A transaction that clears the staged rows.
    fn clearing_tx() -> OneTx<FakeTx<MockAssignmentWriter>> {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_clear().withf(|_, batch| *batch == BATCH).returning(|_, _| Ok(()));
        OneTx::new(FakeTx::of(writer))
    }

    #[async_trait]
    impl BeginTransaction<dyn AssignmentTx> for TxSequence {
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

    struct RunResult {
        outcome: Result<(), JobFailure>,
        committed: bool,
    }

    /// Runs the job on this file. `owned` is false for an attempt that loses the job before its end.
    async fn run(file: &'static str, active: bool, owned: bool) -> RunResult {
        let mut first = MockAssignmentWriter::new();
        // The rows of the previous attempt.
        first.expect_clear().withf(|_, batch| batch.get() == 2).returning(|_, _| Ok(()));
        first.expect_new_batch().returning(|_| Ok(BATCH));
        let mut second = MockAssignmentWriter::new();
        second.expect_staged().returning(|_, _| Ok(2));
        second.expect_named_reps().returning(|_, _| {
            Ok(vec![NamedRep { name: "sr00001".into(), row: 1, found: Some((rep(), true)) }])
        });
        second.expect_lock().returning(|_, _, _, lock| {
            assert_eq!(lock, RetailerLock::KeyShare);
            Ok(vec![locked()])
        });
        second.expect_compute_steps().returning(|_, _, _| Ok(Vec::new()));
        second.expect_assigned_counts().returning(|_, _| Ok(vec![assigned_counts_of(1)]));
        second.expect_totals().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        second.expect_note_row_errors().returning(|_, _, _, _| Ok(1));
        second.expect_apply().returning(|_| Ok(Applied { computed: (1, 0), applied: (1, 0) }));
        second.expect_clear().returning(|_, _| Ok(()));
        let mut jobs = MockJobWriter::new();
        jobs.expect_end().returning(move |_, end| {
            let JobEnd::Succeeded(numbers) = end else { panic!("{end:?}") };
            assert_eq!((numbers["rows"], numbers["failed"], numbers["repeated"]), (3, 1, 1));
            Ok(owned)
        });
        let second = OneTx::new(FakeTx::of(second).with_jobs(jobs));
        let committed = second.committed();
        let mut txs = vec![OneTx::new(FakeTx::of(first)), clearing_tx()];
        if file == FILE {
            txs.insert(1, second);
        }
        let db = TxSequence(Mutex::new(txs));
        let mut queue = MockJobQueue::new();
        queue.expect_heartbeat().returning(|_, _| Ok(true));
        queue.expect_note_errors().returning(|_, errors| {
            assert_eq!(
                (errors[0].row, errors[0].field.as_str(), errors[0].code.as_str()),
                (4, "uid", "invalid")
            );
            Ok(())
        });
        let mut auth_states = MockAuthStateReader::new();
        auth_states.expect_find().returning(move |_, _, _| {
            Ok(Some(AuthState {
                role: Role::Admin,
                active,
                token_version: 9,
                must_change_password: false,
                second_factor: haat_domain::auth::SecondFactor::Off,
                session_ended: false,
            }))
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let files = Arc::new(SingleFileStore(file, Mutex::new(false)));
        let handler = AssignFile::new(
            Arc::new(queue),
            files.clone(),
            Arc::new(stager()),
            Arc::new(auth_states),
            Arc::new(db),
            Arc::new(clock),
        );
        let outcome = handler.run(&attempt()).await;
        assert!(!*files.1.lock().unwrap(), "another attempt may need the file");
        handler.ended(&attempt()).await;
        assert!(*files.1.lock().unwrap());
        RunResult { outcome, committed: committed.load(Ordering::SeqCst) }
    }

    const FILE: &str = "uid,sales_rep\nA,sr00001\nA,sr00001\na b,sr00001\n";

    #[tokio::test]
    async fn applies_the_file_and_ends_the_job_in_one_transaction() {
        let run_result = run(FILE, true, true).await;
        assert_eq!((run_result.outcome, run_result.committed), (Ok(()), true));
    }

    #[tokio::test]
    async fn an_attempt_that_lost_the_job_commits_nothing() {
        let run_result = run(FILE, true, false).await;
        assert_eq!((run_result.outcome, run_result.committed), (Err(JobFailure::Lost), false));
    }

    #[tokio::test]
    async fn rejects_invalid_files_and_disabled_requesters() {
        for (file, active, reason) in [
            (FILE, false, "caller-ended"),
            ("", true, "empty-file"),
            ("uid,sr\n", true, "no-rows"),
            ("uid\nA\n", true, "missing-column"),
            ("uid,sr,SR\nA,b,c\n", true, "repeated-column"),
        ] {
            let run_result = run(file, active, true).await;
            assert_eq!(
                (run_result.outcome, run_result.committed),
                (Err(JobFailure::Refused(reason)), false),
                "{file:?}"
            );
        }
    }
}
