use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::assignment::{
    AllocationRequest, AssignmentStager, AssignmentTx, BatchKind, BatchRecord, IfAssigned, LockRequest,
    NamedRep, RequestedAssignment, RetailerLock, RowFaults,
};
use haat_domain::auth::AuthStateReader;
use haat_domain::job::{
    Attempt, ClaimState, JobEnd, JobError, JobKind, JobNumbers, JobQueue, JobReader, Lane,
};
use haat_domain::shared::{BatchId, BeginTransaction, Clock, FileStore, StorageFailure, TenantId, UserId};

use super::Outcome;
use super::compute_steps::{compute_steps, settle, within};
use super::file_columns::{FORMAT, FileColumns, rep_field};
use super::file_options::FileOptions;
use crate::job::{
    FileJobs, JobFailure, JobHandler, begin_job, lane_of_file, remove_file, required_requester,
};
use crate::shared::{Allowed, ChangeAssignments, CsvRows};

/// The jobs that process assignment files.
pub(super) const JOBS: FileJobs =
    FileJobs { kind: &ASSIGN_FILE, lane: lane_of_file, folder: "assignments", format: FORMAT };

/// The kinds of jobs of this context.
pub const JOB_KINDS: &[&JobKind] = &[&ASSIGN_FILE];

static ASSIGN_FILE: JobKind = JobKind {
    public_args: &["fileName", "action", "ifAssigned", "force", "reason", "plan", "validateOnly"],
    ..JobKind::new("assign-file", Lane::Bulk)
};

/// The number of rows staged at a time.
const CHUNK: usize = 10_000;

/// Assigns, unassigns or transfers retailers by file: applies all of it or nothing, in one transaction that also ends the job.
pub struct AssignFile {
    jobs: (Arc<dyn JobQueue>, Arc<dyn JobReader>),
    files: Arc<dyn FileStore>,
    stager: Arc<dyn AssignmentStager>,
    auth_states: Arc<dyn AuthStateReader>,
    db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for AssignFile {
    fn kind(&self) -> &'static JobKind {
        JOBS.kind
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let options = FileOptions::of(&attempt.args).ok_or(JobFailure::Rejected("internal-error"))?;
        let allowed = required_requester(&*self.auth_states, attempt).await?;
        let batch = self.new_batch(attempt).await?;
        let outcome = async {
            let rows = self.stage(attempt, &options, batch).await?;
            self.apply(attempt, &allowed, &options, batch, rows).await
        };
        let outcome = outcome.await;
        if outcome.is_err() {
            self.clear_staged(attempt.tenant, batch).await;
        }
        outcome
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.jobs.0.finish(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, attempt: &Attempt) {
        remove_file(&*self.jobs.1, &*self.files, attempt).await;
    }
}

impl AssignFile {
    /// Builds the handler.
    #[must_use]
    pub fn new(
        jobs: (Arc<dyn JobQueue>, Arc<dyn JobReader>),
        files: Arc<dyn FileStore>,
        stager: Arc<dyn AssignmentStager>,
        auth_states: Arc<dyn AuthStateReader>,
        db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { jobs, files, stager, auth_states, db, clock }
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
        if self.jobs.0.heartbeat(attempt, Some(progress)).await? == ClaimState::Held {
            Ok(())
        } else {
            Err(JobFailure::ClaimLost)
        }
    }

    /// Stages the rows of the file, and records an error for each sales rep or uid that is missing or
    /// malformed. Returns the row counts.
    async fn stage(
        &self,
        attempt: &Attempt,
        options: &FileOptions,
        batch: BatchId,
    ) -> Result<Staged, JobFailure> {
        let file = self.files.open(&options.file).await?.ok_or(JobFailure::Rejected("file-lost"))?;
        let mut file = CsvRows::new(file);
        let columns = match file.next().await? {
            Some(header) => FileColumns::of(&header, options.action)?,
            None => return Err(JobFailure::Rejected("empty-file")),
        };
        let mut stage = self.stager.open(attempt.tenant, batch).await?;
        let mut staged = Staged { has_sets: columns.has_sets(), ..Staged::default() };
        let (mut rows, mut errors) = (Vec::with_capacity(CHUNK), Vec::new());
        while let Some(record) = file.next().await? {
            staged.rows += 1;
            columns.check(&record)?;
            match columns.read(&record) {
                Ok(mut assignments) => rows.append(&mut assignments),
                Err(mut faults) => errors.append(&mut faults),
            }
            if rows.len() + errors.len() >= CHUNK {
                staged.count(&rows);
                stage.add(&rows).await?;
                self.record_errors(attempt, &mut errors).await?;
                rows.clear();
                self.heartbeat(attempt, batch, staged.rows).await?;
            }
        }
        if staged.rows == 0 {
            return Err(JobFailure::Rejected("no-rows"));
        }
        staged.count(&rows);
        stage.add(&rows).await?;
        stage.close().await?;
        self.record_errors(attempt, &mut errors).await?;
        self.heartbeat(attempt, batch, staged.rows).await?;
        Ok(staged)
    }

    async fn record_errors(&self, attempt: &Attempt, errors: &mut Vec<JobError>) -> Result<(), JobFailure> {
        if !errors.is_empty() {
            self.jobs.0.note_errors(attempt, errors).await?;
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
        let mut tx = begin_job(&*self.db, allowed).await?;
        // The rows are staged in an unlogged table, which is empty after a crash of the database.
        if tx.assignments().staged(tenant, batch).await? != staged.stored {
            return Err(StorageFailure::Unavailable("the staged rows are lost".to_owned()).into());
        }
        let named = tx.assignments().named_reps(tenant, batch).await?;
        let targets = allowed.targets();
        let retailers = match options.if_assigned() {
            IfAssigned::Share if targets.all => RetailerLock::KeyShare,
            // Blocks changes of the retailers, so that none leaves the scope before the commit.
            IfAssigned::Share => RetailerLock::Shared,
            IfAssigned::Skip | IfAssigned::Move => RetailerLock::Exclusive,
        };
        let reps = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
        let request = LockRequest { targets, reps, retailers, with_unserved: false };
        let locked = tx.assignments().lock(tenant, batch, &request).await?;
        let active = locked.iter().map(|rep| (rep.id, rep.active)).collect();
        let faults = faults(named, options.action, &active);
        let mut dropped = 0;
        if staged.has_sets && !faults.unknown.is_empty() {
            dropped = tx.assignments().drop_rows_of(tenant, batch, &faults.unknown).await?;
        }
        let input_names = faults.reps.iter().map(|(name, id)| (*id, name.clone())).collect();
        let within = within(&request.targets, &locked);
        let allocation = allocation(options, faults.reps.clone(), within);
        let mut outcome =
            compute_steps(&mut *tx, (tenant, batch), &allocation, (&locked, &input_names), options.force)
                .await?;
        let failed = tx.assignments().note_row_errors(tenant, batch, attempt.job, &faults).await?;
        outcome.result.failed_rows = failed.rows;
        let nothing = failed.rows == staged.rows && !outcome.result.changes_something();
        // Not even a plan: the job is reported as failed.
        if options.validate_only || nothing {
            tx.assignments().clear(tenant, batch).await?;
        } else {
            let record = BatchRecord {
                tenant,
                batch,
                kind: options.action,
                actor: (allowed.user, allowed.role),
                at: self.clock.now(),
                request_id: options.request_id.clone(),
                reason: options.reason.clone(),
                if_assigned: options.if_assigned(),
                force: options.force,
                result: outcome.result.clone(),
                assigned_counts: outcome.assigned_counts.clone(),
                undoes: None,
            };
            settle(&mut *tx, options.plan, &record, &mut outcome).await?;
        }
        let requested = staged.requested - dropped - failed.assignments;
        let end = JobEnd::Succeeded(numbers(&outcome, options.action, (staged.rows, failed.rows, requested)));
        if !tx.jobs().finish(attempt, &end).await? {
            tx.roll_back().await;
            return Err(JobFailure::ClaimLost);
        }
        Ok(tx.commit().await?)
    }
}

/// Groups the named sales reps into unknown ones and the others, and says which of those are disabled.
fn faults(named: Vec<NamedRep>, action: BatchKind, active: &HashMap<UserId, bool>) -> RowFaults {
    let mut faults = RowFaults { field: rep_field(action), ..RowFaults::default() };
    for NamedRep { name, found, .. } in named {
        match found.and_then(|(id, _)| Some((id, *active.get(&id)?))) {
            Some((id, active)) => {
                if !active {
                    faults.disabled.push(name.clone());
                }
                faults.reps.push((name, id));
            }
            None => faults.unknown.push(name),
        }
    }
    faults
}

fn allocation(
    options: &FileOptions,
    reps: Vec<(String, UserId)>,
    within: Option<Vec<UserId>>,
) -> AllocationRequest {
    match options.action {
        BatchKind::Unassign => AllocationRequest::Unassign { reps },
        BatchKind::Transfer => AllocationRequest::Transfer { reps },
        BatchKind::Assign | BatchKind::Undo => {
            AllocationRequest::Assign { reps, if_assigned: options.if_assigned, from: None, within }
        }
    }
}

/// Returns the numbers of the result, from the numbers of rows, of rows with errors and of valid requested assignments. Each of
/// those assignments is in one of the counts: repetitions of others are `repeated`.
fn numbers(outcome: &Outcome, action: BatchKind, (rows, failed, requested): (i64, i64, i64)) -> JobNumbers {
    let totals = &outcome.result.totals;
    let done = if action == BatchKind::Unassign {
        totals.unassigned + totals.not_assigned.count
    } else {
        totals.assigned + totals.already_assigned + totals.moved + totals.skipped
    };
    let mut numbers: JobNumbers = [
        ("rows", rows),
        ("failed", failed),
        ("repeated", requested - done),
        ("assigned", totals.assigned),
        ("alreadyAssigned", totals.already_assigned),
        ("moved", totals.moved),
        ("skipped", totals.skipped),
        ("unassigned", totals.unassigned),
        ("notAssigned", totals.not_assigned.count),
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

/// Counts of a staged file.
#[derive(Debug, Clone, Copy, Default)]
struct Staged {
    /// The rows of the file.
    rows: i64,
    /// The rows in the database.
    stored: i64,
    /// Those that name a sales rep.
    requested: i64,
    /// True if a row can name several sales reps.
    has_sets: bool,
}

impl Staged {
    fn count(&mut self, assignments: &[RequestedAssignment]) {
        let number = |assignments: usize| i64::try_from(assignments).unwrap_or(i64::MAX);
        self.stored += number(assignments.len());
        self.requested += number(assignments.iter().filter(|assignment| assignment.rep.is_some()).count());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use haat_domain::assignment::{
        Applied, AssignmentStage, FailedRows, MockAssignmentStage, MockAssignmentStager,
        MockAssignmentWriter, Totals,
    };
    use haat_domain::auth::{AuthState, MockAuthStateReader};
    use haat_domain::job::{FailedRow, MockJobQueue, MockJobReader, MockJobWriter};
    use haat_domain::shared::{JobId, MockClock, Role};

    use super::super::testing::{BATCH, assigned_counts_of, locked, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, SingleFileStore, actor, auth_state, noon};

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
        let options = FileOptions {
            file: "f".into(),
            file_name: None,
            action: BatchKind::Assign,
            if_assigned: IfAssigned::Share,
            force: false,
            reason: None,
            plan: false,
            validate_only: false,
            request_id: "r".into(),
        };
        Attempt {
            tenant: actor().tenant,
            job: JobId::new(4),
            kind: JOBS.kind.name.into(),
            actor: Some(actor().user),
            args: options.args(),
            progress: [("batch".to_owned(), 2)].into(),
            number: 2,
            scheduled: None,
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
        second.expect_lock().returning(|_, _, request| {
            assert_eq!(request.retailers, RetailerLock::KeyShare);
            Ok(vec![locked()])
        });
        second.expect_compute_steps().returning(|_, _, _| Ok(Vec::new()));
        second.expect_assigned_counts().returning(|_, _| Ok(vec![assigned_counts_of(1)]));
        second.expect_totals().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        second.expect_note_row_errors().returning(|_, _, _, _| Ok(FailedRows { rows: 1, assignments: 0 }));
        second.expect_apply().returning(|_| Ok(Applied { computed: (1, 0), applied: (1, 0) }));
        second.expect_clear().returning(|_, _| Ok(()));
        let mut jobs = MockJobWriter::new();
        jobs.expect_finish().returning(move |_, end| {
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
        queue.expect_heartbeat().returning(|_, _| Ok(ClaimState::Held));
        queue.expect_note_errors().returning(|_, errors| {
            assert_eq!(
                (errors[0].row, errors[0].field.as_str(), errors[0].code.as_str()),
                (4, "uid", "invalid")
            );
            Ok(())
        });
        let mut auth_states = MockAuthStateReader::new();
        auth_states.expect_find().returning(move |_, _, _| {
            Ok(Some(AuthState { active, token_version: 9, ..auth_state(Role::Admin) }))
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let failed = FailedRow { row: 4, errors: Vec::new() };
        let failed: Vec<_> = (file == FILE && owned).then_some(failed).into_iter().collect();
        let kept = !failed.is_empty();
        let mut reader = MockJobReader::new();
        reader.expect_failed_rows().returning(move |_, job, after, at_most| {
            assert_eq!((job, after, at_most), (attempt().job, 0, 1));
            Ok(failed.clone())
        });
        let files = Arc::new(SingleFileStore(file, AtomicBool::new(false)));
        let handler = AssignFile::new(
            (Arc::new(queue), Arc::new(reader)),
            files.clone(),
            Arc::new(stager()),
            Arc::new(auth_states),
            Arc::new(db),
            Arc::new(clock),
        );
        let outcome = handler.run(&attempt()).await;
        assert!(!files.1.load(Ordering::SeqCst), "another attempt may need the file");
        handler.ended(&attempt()).await;
        assert_eq!(files.1.load(Ordering::SeqCst), !kept, "a file with errors is kept, for its error file");
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
        assert_eq!((run_result.outcome, run_result.committed), (Err(JobFailure::ClaimLost), false));
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
                (Err(JobFailure::Rejected(reason)), false),
                "{file:?}"
            );
        }
    }
}
