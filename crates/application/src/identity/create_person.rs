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
