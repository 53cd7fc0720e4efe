use std::collections::HashMap;
use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{DerivedPasswords, NewPassword, PersonName, Username};
use haat_domain::people::{PasswordFile, PasswordFileReader, PasswordFileState, PeopleTx};
use haat_domain::shared::{BeginTransaction, Clock, JobId, StorageFailure};

use super::codes::PASSWORDS_GIVEN;
use crate::shared::{Allowed, ChangeError, ManageUsers, Refusal, Refused, Started, WriteOptions, begin};

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
    /// The passwords were given, or given up.
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
        let options = WriteOptions { request_id: request_id.to_owned(), ..WriteOptions::default() };
        let Started::Execute(mut tx) = begin(&*self.db, allowed, &options).await? else {
            return Err(GivePasswordsError::Broken("a request without a key was replayed".to_owned()));
        };
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
