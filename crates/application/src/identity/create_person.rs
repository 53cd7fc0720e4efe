use std::sync::Arc;

use haat_domain::identity::{
    Capacity, Email, EmployeeCode, HashFailure, IdentityTx, NewPassword, NewUser, OneTimePasswords,
    PasswordHasher, Person, PersonName, Role, UserConflict, Username,
};
use haat_domain::shared::{Begin, Clock, Phone, Receipt, StorageFailure};

use super::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, finish};

/// Somebody who is to work here.
#[derive(Debug, Clone)]
pub struct CreatePersonInput {
    /// What they may do.
    pub role: Role,
    /// What they log in with.
    pub username: Username,
    /// Their name.
    pub name: PersonName,
    /// Their phone, if known.
    pub phone: Option<Phone>,
    /// Their e-mail address, if known.
    pub email: Option<Email>,
    /// Of a representative: what their employer knows them by.
    pub employee_code: Option<EmployeeCode>,
    /// Of a representative: how many shops they can serve, unless it is what the company says.
    pub capacity: Option<Capacity>,
    /// How it is asked for.
    pub change: Change,
}

/// Somebody who works here now, or would.
#[derive(Debug)]
pub struct CreatedPerson {
    /// They; on trial their id means nothing.
    pub person: Person,
    /// What they log in with once. Nobody is told it a second time; on trial there is none.
    pub one_time_password: Option<NewPassword>,
}

/// Why nobody was added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePersonError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Others have this already.
    #[error("some of it is taken")]
    Taken(Vec<UserConflict>),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// There was no randomness for a password.
    #[error("{0}")]
    Broken(String),
}

impl From<StorageFailure> for CreatePersonError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Adds a representative or an administrator, who logs in once with a password made for that.
pub struct CreatePerson {
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { passwords, hasher, db, clock }
    }

    /// The person and their first password. `receipt` makes the answer that a repetition will be given, of the person
    /// alone.
    ///
    /// # Errors
    /// [`CreatePersonError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: CreatePersonInput,
        receipt: &(dyn Fn(&CreatedPerson) -> Receipt + Sync),
    ) -> Result<Done<CreatedPerson>, CreatePersonError> {
        actor.check(Permission::ManagePeople)?;
        actor.check_role(input.role)?;
        // Slow on purpose, so before the transaction.
        let password = self.passwords.next().map_err(CreatePersonError::Broken)?;
        let password_hash = self.hasher.hash(&password).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManagePeople, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
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
        let person = person.ok_or_else(|| StorageFailure::Broken("a new user is not there".to_owned()))?;
        let entry = snapshot::created(&person, actor, &input.change, user.created_at);
        tx.audit().record(&[entry]).await?;
        let mut created = CreatedPerson { person, one_time_password: None };
        finish(tx, actor, &input.change, || receipt(&created)).await?;
        created.one_time_password = (!input.change.validate_only).then_some(password);
        Ok(Done::Now(created))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{MockOneTimePasswords, MockPasswordHasher, MockUserWriter, PasswordHash};
    use haat_domain::shared::{Claim, IdempotencyKey, MockClock, MockReceiptWriter, Once, UserId};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    const PASSWORD: &str = "k7mq-x3vd-9hzp";

    fn input(change: Change) -> CreatePersonInput {
        CreatePersonInput {
            role: Role::SalesRep,
            username: Username::parse("sr00005").unwrap(),
            name: PersonName::parse("Rahim Uddin").unwrap(),
            phone: None,
            email: None,
            employee_code: EmployeeCode::parse("E-5").ok(),
            capacity: Capacity::parse(9).ok(),
            change,
        }
    }

    fn receipt(created: &CreatedPerson) -> Receipt {
        assert!(created.one_time_password.is_none(), "no secret is kept");
        Receipt { status: 201, location: None, etag: None, body: b"{}".to_vec() }
    }

    /// A writer that is asked to add the person of [`input`].
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
        change: Change,
        how_often: usize,
    ) -> (Result<Done<CreatedPerson>, CreatePersonError>, bool) {
        let committed = tx.committed();
        let mut passwords = MockOneTimePasswords::new();
        passwords
            .expect_next()
            .returning(|| NewPassword::parse(PASSWORD.to_owned().into()).map_err(|error| error.to_string()));
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_hash()
            .withf(|password| password.secret().expose_secret() == PASSWORD)
            .times(how_often)
            .returning(|_| Ok(PasswordHash::new("hash".into())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let create = CreatePerson::new(Arc::new(passwords), Arc::new(hasher), Arc::new(tx), Arc::new(clock));
        let result = create.execute(actor, input(change), &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn told(result: Result<Done<CreatedPerson>, CreatePersonError>) -> Option<String> {
        match result.unwrap() {
            Done::Now(created) => {
                assert_eq!(created.person, rep());
                created.one_time_password.map(|password| password.secret().expose_secret().to_owned())
            }
            Done::Before(_) => panic!("it was not done before"),
        }
    }

    #[tokio::test]
    async fn somebody_new_is_told_a_password_once() {
        let tx = OneTx::new(FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audit(1)));
        let (result, committed) = execute(tx, &admin(), Change::default(), 1).await;
        assert_eq!((told(result).as_deref(), committed), (Some(PASSWORD), true));
    }

    #[tokio::test]
    async fn a_trial_adds_nobody_and_tells_no_password() {
        let tx = OneTx::new(FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audit(1)));
        let change = Change { validate_only: true, ..Change::default() };
        let (result, committed) = execute(tx, &admin(), change, 1).await;
        assert_eq!((told(result), committed), (None, false));
    }

    #[tokio::test]
    async fn who_may_not_does_not_even_make_the_server_hash() {
        let (result, _) = execute(OneTx::none(), &actor(), Change::default(), 0).await;
        assert_eq!(result.unwrap_err(), CreatePersonError::Change(ChangeError::Forbidden));
    }

    #[tokio::test]
    async fn what_is_taken_is_told_and_nothing_kept() {
        let taken = vec![UserConflict::Username, UserConflict::EmployeeCode];
        let tx = OneTx::new(FakeTx::of(writer(Err(taken.clone()))).with_audit(audit(0)));
        let (result, committed) = execute(tx, &admin(), Change::default(), 1).await;
        assert_eq!((result.unwrap_err(), committed), (CreatePersonError::Taken(taken), false));
    }

    #[tokio::test]
    async fn under_a_key_the_receipt_has_no_password_and_comes_again() {
        let once =
            Once { key: IdempotencyKey::parse("k").unwrap(), route: "POST".into(), body_hash: [1; 32] };
        let kept = Receipt { status: 201, location: None, etag: None, body: b"{}".to_vec() };
        for (claim, keeps) in [(Claim::New, 1), (Claim::Done(kept.clone()), 0)] {
            let mut receipts = MockReceiptWriter::new();
            receipts.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
            receipts.expect_keep().times(keeps).returning(|_, _, _, _| Ok(()));
            let tx = FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audit(keeps)).with_receipts(receipts);
            let change = Change { once: Some(once.clone()), ..Change::default() };
            let (result, committed) = execute(OneTx::new(tx), &admin(), change, 1).await;
            assert_eq!(committed, keeps == 1);
            match result.unwrap() {
                Done::Now(created) => assert!(keeps == 1 && created.one_time_password.is_some()),
                Done::Before(receipt) => assert!(keeps == 0 && receipt == kept),
            }
        }
    }
}
