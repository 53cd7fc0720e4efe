use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::audit::AuditEntry;
use haat_domain::auth::{
    AuthStateReader, DerivedPasswords, HashFailure, PasswordHash, PasswordHasher, PasswordSeed,
};
use haat_domain::job::{Attempt, JobEnd, JobError, JobNumbers, JobQueue, JobReader};
use haat_domain::people::{Identifiers, NewPasswordFile, NewSalesRep, PasswordFile, PeopleTx};
use haat_domain::shared::{BeginTransaction, Clock, FileStore, Role, StorageFailure, UserId};

use super::rep_columns::{FORMAT, RepColumns};
use super::rep_file_options::RepFileOptions;
use super::rep_row::{RepRow, note_duplicates, note_taken};
use super::snapshot;
use crate::job::{FileJobs, JobFailure, JobHandler, job_requester, remove_file};
use crate::shared::{Allowed, ChangeError, CsvRows, ManageUsers, Started, WriteOptions, begin};

/// The jobs that create sales reps from files.
pub(super) const JOBS: FileJobs =
    FileJobs { name: "create-sales-reps", folder: "sales-reps", format: FORMAT };

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
    fn kind(&self) -> &'static str {
        JOBS.name
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let options = RepFileOptions::of(&attempt.facts).ok_or(JobFailure::Refused("internal-error"))?;
        let allowed = self.requester(attempt).await?;
        let mut rows = self.read(&options).await?;
        note_duplicates(&mut rows);
        self.heartbeat(attempt, &rows, 0).await?;
        let mut tx = self.begin(&allowed, &options).await?;
        check(&mut *tx, attempt, &mut rows).await?;
        if options.validate_only || rows.iter().all(|row| row.rep().is_none()) {
            return end(tx, attempt, &rows, 0).await;
        }
        // No transaction stays open while passwords are hashed.
        tx.roll_back().await;
        let seed = self.passwords.0.new_seed().map_err(StorageFailure::Broken)?;
        let hashes = self.hash(attempt, &rows, &seed).await?;
        for _ in 0..TRIES {
            let tx = self.begin(&allowed, &options).await?;
            if self.create(tx, attempt, &allowed, &options, &mut rows, (&seed, &hashes)).await? {
                return Ok(());
            }
        }
        Err(StorageFailure::Contended("other requests create the same users".to_owned()).into())
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.jobs.0.end(attempt, &JobEnd::Failed(reason)).await
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
        let ended = JobFailure::Refused("caller-ended");
        let user = attempt.actor.ok_or(ended.clone())?;
        let allowed = job_requester(&*self.auth_states, attempt.tenant, user).await?.ok_or(ended.clone())?;
        allowed.check_role(Role::SalesRep).map_err(|_forbidden| ended)?;
        Ok(allowed)
    }

    /// Begins a transaction in which the requester may still act.
    async fn begin(
        &self,
        allowed: &Allowed<ManageUsers>,
        options: &RepFileOptions,
    ) -> Result<Box<dyn PeopleTx>, JobFailure> {
        // Not `Changes`: the transaction of the change also ends the job, and there is no response to store.
        match begin(&*self.db, allowed, &write_options(options)).await {
            Ok(Started::Execute(tx)) => Ok(tx),
            Ok(Started::Replay(_)) => Err(JobFailure::Lost),
            Err(ChangeError::Storage(failure)) => Err(failure.into()),
            Err(_) => Err(JobFailure::Refused("caller-ended")),
        }
    }

    async fn heartbeat(&self, attempt: &Attempt, rows: &[RepRow], hashed: usize) -> Result<(), JobFailure> {
        let progress = [("rows", rows.len()), ("hashed", hashed)];
        let progress = progress.map(|(name, count)| (name.to_owned(), number(count))).into();
        if self.jobs.0.heartbeat(attempt, Some(progress)).await? { Ok(()) } else { Err(JobFailure::Lost) }
    }

    /// Reads the rows of the file.
    async fn read(&self, options: &RepFileOptions) -> Result<Vec<RepRow>, JobFailure> {
        let file = self.files.open(&options.file).await?.ok_or(JobFailure::Refused("file-lost"))?;
        let mut file = CsvRows::new(file);
        let header = file.next().await?.ok_or(JobFailure::Refused("empty-file"))?;
        let columns = RepColumns::of(&header)?;
        let mut rows = Vec::new();
        while let Some(record) = file.next().await? {
            if rows.len() == MAX_ROWS {
                return Err(JobFailure::Refused("too-many-rows"));
            }
            rows.push(columns.read(&record)?);
        }
        if rows.is_empty() { Err(JobFailure::Refused("no-rows")) } else { Ok(rows) }
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
        let Some(ids) = tx.users().insert_sales_reps(tenant, &reps, at).await? else {
            tx.roll_back().await;
            return Ok(false);
        };
        let users: Vec<(i64, UserId)> = numbers.into_iter().zip(ids).collect();
        let created = users.len();
        let write_options = write_options(options);
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

fn write_options(options: &RepFileOptions) -> WriteOptions {
    WriteOptions { request_id: options.request_id.clone(), ..WriteOptions::default() }
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
    if !tx.jobs().end(attempt, &JobEnd::Succeeded(numbers)).await? {
        tx.roll_back().await;
        return Err(JobFailure::Lost);
    }
    Ok(tx.commit().await?)
}
