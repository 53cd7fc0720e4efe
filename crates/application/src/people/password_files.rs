use std::collections::HashMap;
use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{DerivedPasswords, NewPassword, PersonName, Username};
use haat_domain::people::{PasswordFile, PasswordFileReader, PasswordFileState, PeopleTx};
use haat_domain::shared::{BeginTransaction, Clock, JobId, StorageFailure};

use super::codes::PASSWORDS_GIVEN;
use crate::shared::{Allowed, ChangeError, ManageUsers, Refusal, Refused, begin_as};

/// A user and the one-time password for the first login.
#[derive(Debug, Clone)]
pub struct GivenPassword {
    /// The username.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The password.
    pub password: NewPassword,
}

/// Reasons why passwords are not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GivePasswordsError {
    /// The request was not carried out. `NotFound` if the job has no passwords.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The passwords were given, or have expired.
    #[error("the passwords of this file are no longer available")]
    Given,
    /// The server no longer has the key of the passwords.
    #[error("the server no longer has the key of the passwords of this file")]
    KeyChanged,
    /// A password could not be derived.
    #[error("{0}")]
    Broken(String),
}

impl Refusal for GivePasswordsError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Given => Refused::new(&PASSWORDS_GIVEN),
            Self::KeyChanged => Refused::new(&PASSWORDS_GIVEN).detail(
                "The key of the server has changed. Reset the password of each sales rep.",
                "সার্ভারের কী বদলে গেছে। প্রত্যেক বিক্রয় প্রতিনিধির পাসওয়ার্ড রিসেট করুন।",
            ),
            Self::Broken(cause) => Refused::internal(cause),
        }
    }
}

impl From<StorageFailure> for GivePasswordsError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Gives the one-time passwords of sales reps that were created from a file, once.
pub struct PasswordFiles {
    reader: Arc<dyn PasswordFileReader>,
    derived: Arc<dyn DerivedPasswords>,
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl PasswordFiles {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        reader: Arc<dyn PasswordFileReader>,
        derived: Arc<dyn DerivedPasswords>,
        db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reader, derived, db, clock }
    }

    /// Returns the states of the password files of these jobs. A job without one is left out.
    pub async fn states(
        &self,
        allowed: &Allowed<ManageUsers>,
        jobs: &[JobId],
    ) -> Result<HashMap<JobId, PasswordFileState>, StorageFailure> {
        let at = self.clock.now();
        let files = self.reader.password_files(allowed.tenant, jobs).await?;
        Ok(files.into_iter().map(|file| (file.job, file.state(at))).collect())
    }

    /// Returns the passwords of the users who still have the password of the file. The first caller may repeat the call for
    /// [`PasswordFile::REPEATABLE`], because the response can be lost.
    ///
    /// # Errors
    /// [`GivePasswordsError`].
    pub async fn give(
        &self,
        allowed: &Allowed<ManageUsers>,
        job: JobId,
        request_id: &str,
    ) -> Result<Vec<GivenPassword>, GivePasswordsError> {
        let (tenant, user, at) = (allowed.tenant, allowed.user, self.clock.now());
        // Not `Changes`: a request that is refused still erases the seeds of expired files.
        let mut tx = begin_as(&*self.db, allowed).await?;
        let (created_before, given_before) = (at - PasswordFile::LIFETIME, at - PasswordFile::REPEATABLE);
        tx.password_files().expire(tenant, created_before, given_before).await?;
        let file = tx.password_files().lock(tenant, job).await?.ok_or(ChangeError::NotFound)?;
        let Some(seed) = file.seed_for(user) else {
            tx.commit().await?;
            return Err(GivePasswordsError::Given);
        };
        let mut passwords = Vec::new();
        for pending in tx.password_files().pending(tenant, job).await? {
            let password = self.derived.derive(seed, pending.row).map_err(GivePasswordsError::Broken)?;
            let password = password.ok_or(GivePasswordsError::KeyChanged)?;
            passwords.push(GivenPassword { username: pending.username, name: pending.name, password });
        }
        if file.given.is_none() {
            tx.password_files().give(tenant, job, user, at).await?;
            let count = i64::try_from(passwords.len()).unwrap_or(i64::MAX);
            let entry = AuditEntry {
                tenant,
                at,
                actor: Some((user, allowed.role)),
                action: AuditAction::UserGivePasswords,
                // The entry is about all users of the file.
                entity_id: None,
                before: None,
                after: Some(vec![("import", job.get().into()), ("users", count.into())]),
                request_id: Some(request_id.to_owned()),
                batch: None,
            };
            tx.audit().record(&[entry]).await?;
        }
        tx.commit().await?;
        Ok(passwords)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use chrono::{DateTime, Duration, Utc};
    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{Digest, MockDerivedPasswords, PasswordSeed, Seed};
    use haat_domain::people::{
        MockPasswordFileReader, MockPasswordFileWriter, MockUserWriter, PendingPassword,
    };
    use haat_domain::shared::{MockClock, UserId};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, allowed, noon};

    const SEED: PasswordSeed = PasswordSeed { key: Digest([1; 32]), nonce: Seed([2; 32]) };
    const JOB: JobId = JobId::new(4);

    fn file(seed: Option<PasswordSeed>, given: Option<(UserId, DateTime<Utc>)>) -> PasswordFile {
        PasswordFile { job: JOB, seed, created_at: noon(), given }
    }

    struct Outcome {
        /// The number of passwords.
        given: Result<usize, GivePasswordsError>,
        committed: bool,
    }

    /// Gives the passwords of this file. `records` is true if the call must be recorded.
    async fn give(found: Option<PasswordFile>, has_key: bool, records: bool) -> Outcome {
        let mut files = MockPasswordFileWriter::new();
        files
            .expect_expire()
            .times(1)
            .withf(|_, created, given| {
                (*created, *given) == (noon() - Duration::days(7), noon() - Duration::minutes(10))
            })
            .returning(|_, _, _| Ok(()));
        files.expect_lock().withf(|_, job| *job == JOB).return_once(move |_, _| Ok(found));
        files.expect_pending().returning(|_, _| {
            let pending = |row, username| PendingPassword {
                row,
                username: Username::parse(username).unwrap(),
                name: PersonName::parse("A").unwrap(),
            };
            Ok(vec![pending(2, "sr1"), pending(5, "sr2")])
        });
        files
            .expect_give()
            .times(usize::from(records))
            .withf(|_, job, to, at| (*job, *to, *at) == (JOB, actor().user, noon()))
            .returning(|_, _, _, _| Ok(()));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(usize::from(records))
            .withf(|entries| {
                let [entry] = entries else { return false };
                entry.action == AuditAction::UserGivePasswords
                    && entry.entity_id.is_none()
                    && entry.after == Some(vec![("import", 4.into()), ("users", 2.into())])
            })
            .returning(|_| Ok(()));
        let mut derived = MockDerivedPasswords::new();
        derived.expect_derive().returning(move |seed, row| {
            assert_eq!(*seed, SEED);
            let password = NewPassword::parse(format!("password of row {row}").into());
            Ok(has_key.then(|| password.unwrap()))
        });
        let tx = OneTx::new(FakeTx::of((MockUserWriter::new(), files)).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = PasswordFiles::new(
            Arc::new(MockPasswordFileReader::new()),
            Arc::new(derived),
            Arc::new(tx),
            Arc::new(clock),
        );
        let given = use_case.give(&allowed(), JOB, "r").await.map(|passwords| {
            let text = |given: &GivenPassword| given.password.secret().expose_secret().to_owned();
            let texts: Vec<String> = passwords.iter().map(text).collect();
            assert_eq!(texts, ["password of row 2", "password of row 5"]);
            texts.len()
        });
        Outcome { given, committed: committed.load(Ordering::SeqCst) }
    }

    #[tokio::test]
    async fn the_first_caller_is_recorded_and_may_repeat_the_call() {
        let first = give(Some(file(Some(SEED), None)), true, true).await;
        assert_eq!((first.given, first.committed), (Ok(2), true));
        let again = give(Some(file(Some(SEED), Some((actor().user, noon())))), true, false).await;
        assert_eq!((again.given, again.committed), (Ok(2), true));
    }

    #[tokio::test]
    async fn other_callers_and_late_ones_are_refused_and_expired_seeds_stay_erased() {
        for found in [file(Some(SEED), Some((UserId::new(8), noon()))), file(None, None)] {
            let refused = give(Some(found), true, false).await;
            assert_eq!((refused.given, refused.committed), (Err(GivePasswordsError::Given), true));
        }
        let unknown = give(None, true, false).await;
        assert_eq!(unknown.given, Err(GivePasswordsError::Change(ChangeError::NotFound)));
        assert_eq!(GivePasswordsError::Given.refuse().code.status, 410);
    }

    #[tokio::test]
    async fn passwords_of_another_key_are_not_recorded_as_given() {
        let lost = give(Some(file(Some(SEED), None)), false, false).await;
        assert_eq!((lost.given, lost.committed), (Err(GivePasswordsError::KeyChanged), false));
    }

    #[tokio::test]
    async fn returns_the_state_of_each_file() {
        let mut reader = MockPasswordFileReader::new();
        reader.expect_password_files().returning(|_, _| Ok(vec![file(Some(SEED), None)]));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let db: OneTx<FakeTx<MockUserWriter>> = OneTx::none();
        let use_case = PasswordFiles::new(
            Arc::new(reader),
            Arc::new(MockDerivedPasswords::new()),
            Arc::new(db),
            Arc::new(clock),
        );
        let states = use_case.states(&allowed(), &[JOB, JobId::new(5)]).await.unwrap();
        assert_eq!(states, [(JOB, PasswordFileState::Available)].into());
    }
}
