use std::sync::Arc;

use haat_domain::auth::{
    Email, HashFailure, NewPassword, OneTimePasswords, PasswordHasher, PersonName, Username,
};
use haat_domain::change::StoredResponse;
use haat_domain::people::{Capacity, EmployeeCode, NewUser, PeopleTx, Person, UserConflict};
use haat_domain::shared::{BeginTransaction, Clock, Phone, Role, StorageFailure};

use super::refusals::taken;
use super::snapshot;
use crate::shared::{
    Actor, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions, begin, finish,
};

/// Input of [`CreatePerson`].
#[derive(Debug, Clone)]
pub struct CreatePersonInput {
    /// The role.
    pub role: Role,
    /// The login name.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The phone number, if known.
    pub phone: Option<Phone>,
    /// The e-mail address, if known.
    pub email: Option<Email>,
    /// The employee code of a sales rep.
    pub employee_code: Option<EmployeeCode>,
    /// The number of retailers a sales rep can serve; the default of the tenant if `None`.
    pub capacity: Option<Capacity>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// A created user, or the result of a dry run.
#[derive(Debug)]
pub struct CreatedPerson {
    /// The user; the id is meaningless in a dry run.
    pub person: Person,
    /// The one-time password for the first login, which cannot be read again; `None` for a dry run.
    pub one_time_password: Option<NewPassword>,
}

/// Errors of [`CreatePerson`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePersonError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Other users have these values.
    #[error("some values are taken")]
    Taken(Vec<UserConflict>),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No random password could be generated.
    #[error("{0}")]
    Broken(String),
}

impl Refusal for CreatePersonError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Taken(conflicts) => taken(conflicts),
            Self::Hash(failure) => failure.refuse(),
            Self::Broken(cause) => Refused::internal(cause),
        }
    }
}

impl From<StorageFailure> for CreatePersonError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Creates a sales rep or an admin with a one-time password for the first login.
pub struct CreatePerson {
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { passwords, hasher, db, clock }
    }

    /// Creates the user and returns it with the one-time password. `stored_response` builds the response that
    /// is stored for replays, without the password.
    ///
    /// # Errors
    /// [`CreatePersonError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: CreatePersonInput,
        stored_response: &(dyn Fn(&CreatedPerson) -> StoredResponse + Sync),
    ) -> Result<Idempotent<CreatedPerson>, CreatePersonError> {
        actor.check(Permission::ManageUsers)?;
        actor.check_role(input.role)?;
        // Hashing is slow by design, so it happens before the transaction.
        let password = self.passwords.next().map_err(CreatePersonError::Broken)?;
        let password_hash = self.hasher.hash(&password).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageUsers, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let user = NewUser {
            tenant: actor.tenant,
            username: input.username,
            name: input.name,
            phone: input.phone,
            email: input.email,
            role: input.role,
            password_hash,
            must_change_password: true,
            employee_code: input.employee_code,
            capacity: input.capacity,
            created_at: self.clock.now(),
        };
        let id = match tx.users().insert(&user).await? {
            Ok(id) => id,
            Err(taken) => {
                tx.roll_back().await;
                return Err(CreatePersonError::Taken(taken));
            }
        };
        let person = tx.users().lock(actor.tenant, Some(input.role), id).await?;
        let person = person.ok_or_else(|| StorageFailure::Broken("a new user was not found".to_owned()))?;
        let entry = snapshot::created(&person, actor, &input.write_options, user.created_at);
        tx.audit().record(&[entry]).await?;
        let mut created = CreatedPerson { person, one_time_password: None };
        finish(tx, actor, &input.write_options, || stored_response(&created)).await?;
        created.one_time_password = (!input.write_options.validate_only).then_some(password);
        Ok(Idempotent::Executed(created))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{MockOneTimePasswords, MockPasswordHasher, PasswordHash};
    use haat_domain::change::{Claim, IdempotencyKey, IdempotentRequest, MockStoredResponseWriter};
    use haat_domain::people::MockUserWriter;
    use haat_domain::shared::{MockClock, UserId};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    const PASSWORD: &str = "k7mq-x3vd-9hzp";

    fn input(write_options: WriteOptions) -> CreatePersonInput {
        CreatePersonInput {
            role: Role::SalesRep,
            username: Username::parse("sr00005").unwrap(),
            name: PersonName::parse("Rahim Uddin").unwrap(),
            phone: None,
            email: None,
            employee_code: EmployeeCode::parse("E-5").ok(),
            capacity: Capacity::parse(9).ok(),
            write_options,
        }
    }

    fn stored_response(created: &CreatedPerson) -> StoredResponse {
        assert!(created.one_time_password.is_none(), "no secret is stored");
        StoredResponse { status: 201, location: None, etag: None, body: b"{}".to_vec() }
    }

    /// A writer that expects to insert the user of [`input`].
    fn writer(inserted: Result<UserId, Vec<UserConflict>>) -> MockUserWriter {
        let mut users = MockUserWriter::new();
        users
            .expect_insert()
            .withf(|user| {
                user.tenant == actor().tenant
                    && user.must_change_password
                    && user.password_hash.expose() == "hash"
                    && user.capacity == Capacity::parse(9).ok()
                    && user.employee_code == EmployeeCode::parse("E-5").ok()
                    && user.created_at == noon()
            })
            .return_once(move |_| Ok(inserted));
        users
            .expect_lock()
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, Some(Role::SalesRep), 5))
            .returning(|_, _, _| Ok(Some(rep())));
        users
    }

    fn audit(entries: usize) -> MockAuditWriter {
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                let text = format!("{entries:?}");
                entries.len() == 1
                    && entries[0].action == "user.create"
                    && entries[0].before.is_none()
                    && !text.contains(PASSWORD)
                    && !text.contains("hash")
            })
            .times(entries)
            .returning(|_| Ok(()));
        audit
    }

    async fn execute(
        tx: OneTx<FakeTx<MockUserWriter>>,
        actor: &Actor,
        write_options: WriteOptions,
        hash_calls: usize,
    ) -> (Result<Idempotent<CreatedPerson>, CreatePersonError>, bool) {
        let committed = tx.committed();
        let mut passwords = MockOneTimePasswords::new();
        passwords
            .expect_next()
            .returning(|| NewPassword::parse(PASSWORD.to_owned().into()).map_err(|error| error.to_string()));
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_hash()
            .withf(|password| password.secret().expose_secret() == PASSWORD)
            .times(hash_calls)
            .returning(|_| Ok(PasswordHash::new("hash".into())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let create = CreatePerson::new(Arc::new(passwords), Arc::new(hasher), Arc::new(tx), Arc::new(clock));
        let result = create.execute(actor, input(write_options), &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn one_time_password(result: Result<Idempotent<CreatedPerson>, CreatePersonError>) -> Option<String> {
        match result.unwrap() {
            Idempotent::Executed(created) => {
                assert_eq!(created.person, rep());
                created.one_time_password.map(|password| password.secret().expose_secret().to_owned())
            }
            Idempotent::Replayed(_) => panic!("expected no replay"),
        }
    }

    #[tokio::test]
    async fn returns_the_one_time_password_of_a_new_user() {
        let tx = OneTx::new(FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audit(1)));
        let (result, committed) = execute(tx, &admin(), WriteOptions::default(), 1).await;
        assert_eq!((one_time_password(result).as_deref(), committed), (Some(PASSWORD), true));
    }

    #[tokio::test]
    async fn a_dry_run_adds_no_user_and_returns_no_password() {
        let tx = OneTx::new(FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audit(1)));
        let write_options = WriteOptions { validate_only: true, ..WriteOptions::default() };
        let (result, committed) = execute(tx, &admin(), write_options, 1).await;
        assert_eq!((one_time_password(result), committed), (None, false));
    }

    #[tokio::test]
    async fn a_forbidden_caller_is_rejected_before_hashing() {
        let (result, _) = execute(OneTx::none(), &actor(), WriteOptions::default(), 0).await;
        assert_eq!(result.unwrap_err(), CreatePersonError::Change(ChangeError::Forbidden));
    }

    #[tokio::test]
    async fn reports_taken_values_and_commits_nothing() {
        let taken = vec![UserConflict::Username, UserConflict::EmployeeCode];
        let tx = OneTx::new(FakeTx::of(writer(Err(taken.clone()))).with_audit(audit(0)));
        let (result, committed) = execute(tx, &admin(), WriteOptions::default(), 1).await;
        assert_eq!((result.unwrap_err(), committed), (CreatePersonError::Taken(taken), false));
    }

    #[tokio::test]
    async fn replays_the_stored_response_without_a_password() {
        let idempotent_request = IdempotentRequest {
            key: IdempotencyKey::parse("k").unwrap(),
            route: "POST".into(),
            body_hash: [1; 32],
        };
        let stored = StoredResponse { status: 201, location: None, etag: None, body: b"{}".to_vec() };
        for (claim, saves) in [(Claim::New, 1), (Claim::Completed(stored.clone()), 0)] {
            let mut stored_responses = MockStoredResponseWriter::new();
            stored_responses.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
            stored_responses.expect_save().times(saves).returning(|_, _, _, _| Ok(()));
            let tx = FakeTx::of(writer(Ok(UserId::new(5))))
                .with_audit(audit(saves))
                .with_stored_responses(stored_responses);
            let write_options = WriteOptions {
                idempotent_request: Some(idempotent_request.clone()),
                ..WriteOptions::default()
            };
            let (result, committed) = execute(OneTx::new(tx), &admin(), write_options, 1).await;
            assert_eq!(committed, saves == 1);
            match result.unwrap() {
                Idempotent::Executed(created) => assert!(saves == 1 && created.one_time_password.is_some()),
                Idempotent::Replayed(stored_response) => assert!(saves == 0 && stored_response == stored),
            }
        }
    }
}
