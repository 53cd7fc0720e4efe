use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::audit::AuditEntry;
use haat_domain::auth::{
    AuthStateReader, DerivedPasswords, Grant, HashFailure, PasswordHash, PasswordHasher, PasswordSeed,
};
use haat_domain::job::{
    Attempt, ClaimState, JobEnd, JobError, JobKind, JobNumbers, JobQueue, JobReader, Lane,
};
use haat_domain::people::{Identifiers, NewPasswordFile, NewSalesRep, PasswordFile, PeopleTx};
use haat_domain::shared::{BeginTransaction, Clock, FileStore, Role, StorageFailure, UserId};

use super::rep_columns::{FORMAT, RepColumns};
use super::rep_file_options::RepFileOptions;
use super::rep_row::{RepRow, note_duplicates, note_taken};
use super::snapshot;
use crate::job::{FileJobs, JobFailure, JobHandler, begin_job, remove_file, required_requester};
use crate::shared::{Allowed, CsvRows, ManageUsers, WriteOptions};

/// The jobs that create sales reps from files.
pub(super) const JOBS: FileJobs = FileJobs {
    kind: &CREATE_SALES_REPS,
    lane: |_| CREATE_SALES_REPS.lane,
    folder: "sales-reps",
    format: FORMAT,
};

/// The kinds of jobs of this context.
pub const JOB_KINDS: &[&JobKind] = &[&CREATE_SALES_REPS];

// Also small files are bulk work: hashing the passwords of 2,000 sales reps takes minutes.
static CREATE_SALES_REPS: JobKind =
    JobKind { public_args: &["fileName", "validateOnly"], ..JobKind::new("create-sales-reps", Lane::Bulk) };

/// The maximum number of rows of a file: hashing a password is slow by design, and the hashes of a file are kept in memory.
const MAX_ROWS: usize = 2_000;

/// The number of passwords hashed between two heartbeats.
const HASHES_PER_HEARTBEAT: usize = 20;

/// The number of times the sales reps are inserted before the attempt fails, if other requests take their values meanwhile.
const TRIES: usize = 3;

/// Creates sales reps from a file: all rows without errors, in one transaction that also ends the job.
pub struct CreateFromFile {
    jobs: (Arc<dyn JobQueue>, Arc<dyn JobReader>),
    files: Arc<dyn FileStore>,
    passwords: (Arc<dyn DerivedPasswords>, Arc<dyn PasswordHasher>),
    auth_states: Arc<dyn AuthStateReader>,
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl JobHandler for CreateFromFile {
    fn kind(&self) -> &'static JobKind {
        JOBS.kind
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let options = RepFileOptions::of(&attempt.args).ok_or(JobFailure::Rejected("internal-error"))?;
        let allowed = self.requester(attempt).await?;
        let mut rows = self.read(&options).await?;
        note_duplicates(&mut rows);
        self.heartbeat(attempt, &rows, 0).await?;
        let mut tx = begin_job(&*self.db, &allowed).await?;
        check(&mut *tx, attempt, &mut rows).await?;
        if options.validate_only || rows.iter().all(|row| row.rep().is_none()) {
            // Without errors, they would be created.
            let created = rows.iter().filter(|row| row.rep().is_some()).count();
            return end(tx, attempt, &rows, created).await;
        }
        // No transaction stays open while passwords are hashed.
        tx.roll_back().await;
        let seed = self.passwords.0.new_seed().map_err(StorageFailure::Broken)?;
        let hashes = self.hash(attempt, &rows, &seed).await?;
        for _ in 0..TRIES {
            // Hashing takes minutes. A new password of the requester ends their sessions, but not the job.
            let allowed = self.requester(attempt).await?;
            let tx = begin_job(&*self.db, &allowed).await?;
            if self.create(tx, attempt, &allowed, &options, &mut rows, (&seed, &hashes)).await? {
                return Ok(());
            }
        }
        Err(StorageFailure::Contended("other requests create the same users".to_owned()).into())
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.jobs.0.finish(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, attempt: &Attempt) {
        remove_file(&*self.jobs.1, &*self.files, attempt).await;
    }
}

impl CreateFromFile {
    /// Builds the handler.
    #[must_use]
    pub fn new(
        jobs: (Arc<dyn JobQueue>, Arc<dyn JobReader>),
        files: Arc<dyn FileStore>,
        passwords: (Arc<dyn DerivedPasswords>, Arc<dyn PasswordHasher>),
        auth_states: Arc<dyn AuthStateReader>,
        db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { jobs, files, passwords, auth_states, db, clock }
    }

    /// Returns the requester of the job, or an error if they may no longer create sales reps.
    async fn requester(&self, attempt: &Attempt) -> Result<Allowed<ManageUsers>, JobFailure> {
        let allowed: Allowed<ManageUsers> = required_requester(&*self.auth_states, attempt).await?;
        let grant = Grant::new(Role::SalesRep, None);
        allowed.check_grants(grant).map_err(|_forbidden| JobFailure::Rejected("caller-ended"))?;
        Ok(allowed)
    }

    async fn heartbeat(&self, attempt: &Attempt, rows: &[RepRow], hashed: usize) -> Result<(), JobFailure> {
        let progress = [("rows", rows.len()), ("hashed", hashed)];
        let progress = progress.map(|(name, count)| (name.to_owned(), number(count))).into();
        if self.jobs.0.heartbeat(attempt, Some(progress)).await? == ClaimState::Held {
            Ok(())
        } else {
            Err(JobFailure::ClaimLost)
        }
    }

    /// Reads the rows of the file.
    async fn read(&self, options: &RepFileOptions) -> Result<Vec<RepRow>, JobFailure> {
        let file = self.files.open(&options.file).await?.ok_or(JobFailure::Rejected("file-lost"))?;
        let mut file = CsvRows::new(file);
        let header = file.next().await?.ok_or(JobFailure::Rejected("empty-file"))?;
        let columns = RepColumns::of(&header)?;
        let mut rows = Vec::new();
        while let Some(record) = file.next().await? {
            if rows.len() == MAX_ROWS {
                return Err(JobFailure::Rejected("too-many-rows"));
            }
            rows.push(columns.read(&record)?);
        }
        if rows.is_empty() { Err(JobFailure::Rejected("no-rows")) } else { Ok(rows) }
    }

    /// Hashes the password of each row without errors, one at a time, so that logins do not wait.
    async fn hash(
        &self,
        attempt: &Attempt,
        rows: &[RepRow],
        seed: &PasswordSeed,
    ) -> Result<HashMap<i64, PasswordHash>, JobFailure> {
        let mut hashes = HashMap::new();
        for row in rows.iter().filter(|row| row.rep().is_some()) {
            let password = self.passwords.0.derive(seed, row.number).map_err(StorageFailure::Broken)?;
            let password =
                password.ok_or_else(|| StorageFailure::Broken("a new seed has no key".to_owned()))?;
            let hash = self.passwords.1.hash_for_job(&password).await.map_err(|failure| match failure {
                HashFailure::Busy(_) => StorageFailure::Unavailable(failure.to_string()),
                HashFailure::Broken(_) => StorageFailure::Broken(failure.to_string()),
            })?;
            hashes.insert(row.number, hash);
            if hashes.len().is_multiple_of(HASHES_PER_HEARTBEAT) {
                self.heartbeat(attempt, rows, hashes.len()).await?;
            }
        }
        Ok(hashes)
    }

    /// Creates the sales reps of the rows that are still without errors and ends the job. Returns `false` if another request
    /// took a value between the check and the insert; nothing has changed then.
    async fn create(
        &self,
        mut tx: Box<dyn PeopleTx>,
        attempt: &Attempt,
        allowed: &Allowed<ManageUsers>,
        options: &RepFileOptions,
        rows: &mut [RepRow],
        (seed, hashes): (&PasswordSeed, &HashMap<i64, PasswordHash>),
    ) -> Result<bool, JobFailure> {
        let (tenant, at) = (attempt.tenant, self.clock.now());
        check(&mut *tx, attempt, rows).await?;
        let valid: Vec<(i64, (NewSalesRep, PasswordHash))> = rows
            .iter()
            .filter_map(|row| Some((row.number, (row.rep()?, hashes.get(&row.number)?.clone()))))
            .collect();
        if valid.is_empty() {
            end(tx, attempt, rows, 0).await?;
            return Ok(true);
        }
        let (numbers, reps): (Vec<i64>, Vec<(NewSalesRep, PasswordHash)>) = valid.into_iter().unzip();
        let Some(ids) = tx.users().insert_sales_reps(tenant, &reps, allowed.user, at).await? else {
            tx.roll_back().await;
            return Ok(false);
        };
        let users: Vec<(i64, UserId)> = numbers.into_iter().zip(ids).collect();
        let created = users.len();
        let write_options =
            WriteOptions { request_id: options.request_id.clone(), ..WriteOptions::default() };
        let entries: Vec<AuditEntry> = users
            .iter()
            .zip(&reps)
            .map(|((_, id), (rep, _))| snapshot::created_rep(*id, rep).by(allowed, &write_options, at))
            .collect();
        let file = NewPasswordFile { tenant, job: attempt.job, seed: *seed, users, created_at: at };
        let (created_before, given_before) = (at - PasswordFile::LIFETIME, at - PasswordFile::REPEATABLE);
        tx.password_files().expire(tenant, created_before, given_before).await?;
        tx.password_files().add(&file).await?;
        tx.audit().record(&entries).await?;
        end(tx, attempt, rows, created).await?;
        Ok(true)
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Notes the values of rows that other users have.
async fn check(tx: &mut dyn PeopleTx, attempt: &Attempt, rows: &mut [RepRow]) -> Result<(), StorageFailure> {
    let users: Vec<Identifiers> = rows.iter().map(|row| row.identifiers.clone()).collect();
    let conflicts = tx.users().conflicts(attempt.tenant, &users).await?;
    note_taken(rows, &conflicts);
    Ok(())
}

/// Records the errors, ends the job and commits. Fails if another attempt has taken the job over.
async fn end(
    mut tx: Box<dyn PeopleTx>,
    attempt: &Attempt,
    rows: &[RepRow],
    created: usize,
) -> Result<(), JobFailure> {
    let errors: Vec<JobError> = rows.iter().flat_map(RepRow::errors).cloned().collect();
    let failed = rows.iter().filter(|row| !row.errors().is_empty()).count();
    let numbers: JobNumbers = [("rows", rows.len()), ("failed", failed), ("created", created)]
        .map(|(name, count)| (name.to_owned(), number(count)))
        .into();
    if !errors.is_empty() {
        tx.jobs().note_errors(attempt, &errors).await?;
    }
    if !tx.jobs().finish(attempt, &JobEnd::Succeeded(numbers)).await? {
        tx.roll_back().await;
        return Err(JobFailure::ClaimLost);
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use haat_domain::audit::{AuditAction, MockAuditWriter};
    use haat_domain::auth::{
        AuthState, Digest, MockAuthStateReader, MockDerivedPasswords, MockPasswordHasher, NewPassword, Seed,
    };
    use haat_domain::job::{FailedRow, MockJobQueue, MockJobReader, MockJobWriter};
    use haat_domain::people::{MockPasswordFileWriter, MockUserWriter, UserConflict};
    use haat_domain::shared::{JobId, MockClock};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, SingleFileStore, Txs, actor, auth_state, noon};

    const SEED: PasswordSeed = PasswordSeed { key: Digest([1; 32]), nonce: Seed([2; 32]) };

    type Tx = FakeTx<(MockUserWriter, MockPasswordFileWriter)>;

    /// The test of one job: its file, and what happens during its attempt.
    struct Case {
        file: &'static str,
        validate_only: bool,
        /// The usernames that other users have, at each check.
        taken: Vec<Vec<&'static str>>,
        /// The ids of the inserted sales reps, at each insert; `None` if another request was faster.
        inserts: Vec<Option<Vec<i64>>>,
        /// False for a requester who may no longer act.
        active: bool,
        /// False for an attempt that has lost the job at its end.
        owned: bool,
        /// The number of heartbeats after which the attempt has lost the job.
        heartbeats: usize,
    }

    fn case(file: &'static str) -> Case {
        let (taken, inserts) = (vec![vec![], vec![]], vec![Some(vec![11, 12])]);
        Case { file, validate_only: false, taken, inserts, active: true, owned: true, heartbeats: 9 }
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Outcome {
        result: Result<(), JobFailure>,
        committed: Vec<bool>,
        /// Rows, failed rows and created sales reps, at each end of the job.
        ends: Vec<[i64; 3]>,
        errors: Vec<String>,
        hashed: Vec<String>,
        audited: usize,
    }

    const FILE: &str = "username,name\nsr1,A\nsr2,B\nx,C\n";

    #[expect(clippy::too_many_lines, reason = "sets up every port of the handler")]
    async fn run(case: Case) -> Outcome {
        let ends: Arc<Mutex<Vec<[i64; 3]>>> = Arc::default();
        let errors: Arc<Mutex<Vec<String>>> = Arc::default();
        let passwords: Arc<Mutex<Vec<String>>> = Arc::default();
        let audited: Arc<Mutex<usize>> = Arc::default();
        let mut inserts = case.inserts.into_iter();
        let txs: Vec<Tx> = case
            .taken
            .into_iter()
            .enumerate()
            .map(|(number, taken)| {
                let (mut users, mut files) = (MockUserWriter::new(), MockPasswordFileWriter::new());
                users.expect_conflicts().returning(move |_, users| {
                    let is_taken = |user: &Identifiers| {
                        user.username.as_ref().is_some_and(|name| taken.contains(&name.as_str()))
                    };
                    let conflicts = |user| if is_taken(user) { vec![UserConflict::Username] } else { vec![] };
                    Ok(users.iter().map(conflicts).collect())
                });
                let ids = if number == 0 { None } else { inserts.next().flatten() };
                users.expect_insert_sales_reps().returning(move |_, reps, by, at| {
                    assert_eq!(by, actor().user);
                    assert_eq!(at, noon());
                    let hashes: Vec<String> = reps.iter().map(|(_, hash)| hash.expose().to_owned()).collect();
                    let row =
                        |username: &str| if username == "sr1" { "hash of row 2" } else { "hash of row 3" };
                    let expected: Vec<&str> =
                        reps.iter().map(|(rep, _)| row(rep.username.as_str())).collect();
                    assert_eq!(hashes, expected);
                    Ok(ids.clone().map(|ids| ids.into_iter().map(UserId::new).collect()))
                });
                files.expect_expire().returning(|_, _, _| Ok(()));
                files.expect_add().returning(|file| {
                    assert_eq!((file.job, file.seed, file.created_at), (JobId::new(4), SEED, noon()));
                    assert!(file.users.iter().all(|(row, user)| row + 9 == user.get()), "{:?}", file.users);
                    Ok(())
                });
                let mut jobs = MockJobWriter::new();
                let (ends, errors) = (ends.clone(), errors.clone());
                jobs.expect_note_errors().returning(move |_, noted| {
                    let text = |error: &JobError| format!("{} {} {}", error.row, error.field, error.code);
                    *errors.lock().unwrap() = noted.iter().map(text).collect();
                    Ok(())
                });
                let owned = case.owned;
                jobs.expect_finish().returning(move |_, end| {
                    let JobEnd::Succeeded(numbers) = end else { panic!("{end:?}") };
                    ends.lock().unwrap().push(["rows", "failed", "created"].map(|name| numbers[name]));
                    Ok(owned)
                });
                let mut audit = MockAuditWriter::new();
                let audited = audited.clone();
                audit.expect_record().returning(move |entries| {
                    assert!(entries.iter().all(|entry| entry.action == AuditAction::UserCreate));
                    assert!(entries.iter().all(|entry| entry.request_id.as_deref() == Some("r")));
                    *audited.lock().unwrap() += entries.len();
                    Ok(())
                });
                FakeTx::of((users, files)).with_jobs(jobs).with_audit(audit)
            })
            .collect();
        let committed: Vec<Arc<AtomicBool>> = txs.iter().map(FakeTx::committed).collect();
        let (mut derived, mut hasher) = (MockDerivedPasswords::new(), MockPasswordHasher::new());
        derived.expect_new_seed().returning(|| Ok(SEED));
        derived.expect_derive().returning(|seed, row| {
            assert_eq!(*seed, SEED);
            let password = format!("password of row {row}");
            NewPassword::parse(password.into()).map(Some).map_err(|error| error.to_string())
        });
        let list = passwords.clone();
        hasher.expect_hash_for_job().returning(move |password| {
            let password = password.secret().expose_secret().to_owned();
            list.lock().unwrap().push(password.clone());
            Ok(PasswordHash::new(password.replace("password", "hash")))
        });
        let mut queue = MockJobQueue::new();
        let mut remaining = case.heartbeats;
        queue.expect_heartbeat().returning(move |_, _| {
            let state = if remaining > 0 { ClaimState::Held } else { ClaimState::Lost };
            remaining = remaining.saturating_sub(1);
            Ok(state)
        });
        let active = case.active;
        let mut auth_states = MockAuthStateReader::new();
        auth_states.expect_find().returning(move |_, _, _| {
            Ok(Some(AuthState { active, token_version: 9, ..auth_state(Role::Admin) }))
        });
        let mut reader = MockJobReader::new();
        let failed = errors.clone();
        reader.expect_failed_rows().returning(move |_, _, _, _| {
            let failed = !failed.lock().unwrap().is_empty();
            Ok(failed.then(|| FailedRow { row: 4, errors: Vec::new() }).into_iter().collect())
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let files = Arc::new(SingleFileStore(case.file, AtomicBool::new(false)));
        let handler = CreateFromFile::new(
            (Arc::new(queue), Arc::new(reader)),
            files.clone(),
            (Arc::new(derived), Arc::new(hasher)),
            Arc::new(auth_states),
            Arc::new(Txs::new(txs)),
            Arc::new(clock),
        );
        let options = RepFileOptions {
            file: "f".into(),
            file_name: None,
            validate_only: case.validate_only,
            request_id: "r".into(),
        };
        let attempt = Attempt {
            tenant: actor().tenant,
            job: JobId::new(4),
            kind: JOBS.kind.name.into(),
            actor: Some(actor().user),
            args: options.args(),
            progress: [].into(),
            number: 1,
            scheduled: None,
        };
        let result = handler.run(&attempt).await;
        assert!(!files.1.load(Ordering::SeqCst), "another attempt may need the file");
        handler.ended(&attempt).await;
        let errors = errors.lock().unwrap().clone();
        assert_eq!(files.1.load(Ordering::SeqCst), errors.is_empty(), "a file with errors is kept");
        Outcome {
            result,
            committed: committed.iter().map(|committed| committed.load(Ordering::SeqCst)).collect(),
            ends: ends.lock().unwrap().clone(),
            errors,
            hashed: passwords.lock().unwrap().clone(),
            audited: *audited.lock().unwrap(),
        }
    }

    #[tokio::test]
    async fn creates_the_valid_rows_and_ends_the_job_in_one_transaction() {
        let outcome = run(case(FILE)).await;
        let expected = Outcome {
            result: Ok(()),
            committed: vec![false, true],
            ends: vec![[3, 1, 2]],
            errors: vec!["4 username invalid".to_owned()],
            hashed: vec!["password of row 2".to_owned(), "password of row 3".to_owned()],
            audited: 2,
        };
        assert_eq!(outcome, expected);
    }

    #[tokio::test]
    async fn validation_and_files_without_valid_rows_hash_and_create_nothing() {
        for (case, ends, errors) in [
            (Case { validate_only: true, ..case(FILE) }, [3, 1, 2], 1),
            (Case { taken: vec![vec!["sr1", "sr2"]], ..case(FILE) }, [3, 3, 0], 3),
        ] {
            let outcome = run(case).await;
            assert_eq!((outcome.result, outcome.committed[0]), (Ok(()), true));
            assert_eq!((outcome.ends, outcome.errors.len()), (vec![ends], errors));
            assert_eq!((outcome.hashed.len(), outcome.audited), (0, 0));
        }
    }

    #[tokio::test]
    async fn a_value_that_is_taken_meanwhile_is_an_error_of_its_row() {
        // Before the second check, and between the second check and the insert.
        for (taken, inserts) in [
            (vec![vec![], vec!["sr1"]], vec![Some(vec![12])]),
            (vec![vec![], vec![], vec!["sr1"]], vec![None, Some(vec![12])]),
        ] {
            let outcome = run(Case { taken, inserts, ..case(FILE) }).await;
            assert_eq!((outcome.result, outcome.ends), (Ok(()), vec![[3, 2, 1]]));
            assert_eq!(outcome.errors, ["2 username taken", "4 username invalid"]);
            assert_eq!((outcome.hashed.len(), outcome.audited), (2, 1));
            assert_eq!(outcome.committed.iter().filter(|committed| **committed).count(), 1);
        }
        let outcome = run(Case { taken: vec![vec![], vec!["sr1", "sr2"]], ..case(FILE) }).await;
        assert_eq!((outcome.result, outcome.ends, outcome.audited), (Ok(()), vec![[3, 3, 0]], 0));
        let outcome = run(Case { taken: vec![vec![]; 4], inserts: vec![None; 3], ..case(FILE) }).await;
        assert!(matches!(outcome.result, Err(JobFailure::Storage(StorageFailure::Contended(_)))));
    }

    #[tokio::test]
    async fn an_attempt_that_lost_the_job_commits_nothing() {
        let outcome = run(Case { owned: false, ..case(FILE) }).await;
        assert_eq!((outcome.result, outcome.committed), (Err(JobFailure::ClaimLost), vec![false, false]));
        let outcome = run(Case { heartbeats: 0, ..case(FILE) }).await;
        assert_eq!((outcome.result, outcome.hashed.len()), (Err(JobFailure::ClaimLost), 0));
    }

    #[tokio::test]
    async fn passwords_are_not_hashed_after_the_job_was_lost() {
        let row = |number| format!("sr{number},A\n");
        let file = format!("username,name\n{}", (1..=100).map(row).collect::<String>());
        let outcome = run(Case { heartbeats: 2, ..case(file.leak()) }).await;
        assert_eq!(
            (outcome.result, outcome.hashed.len()),
            (Err(JobFailure::ClaimLost), 2 * HASHES_PER_HEARTBEAT)
        );
    }

    #[tokio::test]
    async fn rejects_invalid_files_and_requesters_who_may_not_act() {
        let long: &str = format!("username,name\n{}", "sr1,A\n".repeat(MAX_ROWS + 1)).leak();
        for (file, active, reason) in [
            (FILE, false, "caller-ended"),
            ("", true, "empty-file"),
            ("username,name\n", true, "no-rows"),
            ("username\nsr1\n", true, "missing-column"),
            ("username,name,name\nsr1,A,B\n", true, "repeated-column"),
            ("username,name\nsr1,\"A\n", true, "open-quote"),
            (long, true, "too-many-rows"),
        ] {
            let outcome = run(Case { active, ..case(file) }).await;
            assert_eq!(outcome.result, Err(JobFailure::Rejected(reason)), "{reason}");
            assert_eq!(outcome.committed, [false, false]);
        }
    }
}
