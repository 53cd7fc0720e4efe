use std::sync::Arc;

use haat_domain::identity::{IdentityTx, Person, PersonPatch, Role, UserConflict};
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, finish};

/// What to change of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePersonInput {
    /// Among those of this role.
    pub role: Role,
    /// Who.
    pub id: UserId,
    /// New values.
    pub patch: PersonPatch,
    /// If given, the versions of which they must have one.
    pub expected: Option<Vec<i64>>,
    /// How it is asked for.
    pub change: Change,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdatePersonError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such person in the company.
    #[error("there is nobody of this id")]
    NotFound,
    /// They have another version than any expected.
    #[error("they have been changed since")]
    Stale,
    /// The caller would disable themselves. Nobody may, so that somebody is left who can enable others.
    #[error("nobody may disable themselves")]
    Yourself,
    /// Others have this already.
    #[error("some of it is taken")]
    Taken(Vec<UserConflict>),
}

impl From<StorageFailure> for UpdatePersonError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Changes a person's names, state and, of a representative, code and capacity. Disabling ends every token they have.
pub struct UpdatePerson {
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdatePerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn IdentityTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The person as they are after the change. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`UpdatePersonError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &UpdatePersonInput,
        receipt: &(dyn Fn(&Person) -> Receipt + Sync),
    ) -> Result<Done<Person>, UpdatePersonError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManagePeople, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        match self.update(&mut *tx, actor, input).await {
            Ok(person) => {
                finish(tx, actor, &input.change, || receipt(&person)).await?;
                Ok(Done::Now(person))
            }
            Err(error) => {
                // Whatever it met is in the caller's next read.
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    async fn update(
        &self,
        tx: &mut dyn IdentityTx,
        actor: &Actor,
        input: &UpdatePersonInput,
    ) -> Result<Person, UpdatePersonError> {
        let (tenant, role) = (actor.tenant, Some(input.role));
        let before = tx.users().lock(tenant, role, input.id).await?.ok_or(UpdatePersonError::NotFound)?;
        if input.expected.as_ref().is_some_and(|versions| !versions.contains(&before.version)) {
            return Err(UpdatePersonError::Stale);
        }
        let wanted = before.patched(&input.patch);
        if wanted.is_disabled_from(&before) && input.id == actor.user {
            return Err(UpdatePersonError::Yourself);
        }
        if wanted == before {
            return Ok(before);
        }
        let at = self.clock.now();
        tx.users().update(&wanted, at).await?.map_err(UpdatePersonError::Taken)?;
        let after = tx.users().lock(tenant, role, input.id).await?.ok_or(UpdatePersonError::NotFound)?;
        let entry = snapshot::changed(action(&before, &after), (&before, &after), actor, &input.change, at);
        tx.audit().record(&[entry]).await?;
        Ok(after)
    }
}

const fn action(before: &Person, after: &Person) -> &'static str {
    match (before.user.active, after.user.active) {
        (true, false) => "user.disable",
        (false, true) => "user.enable",
        _ => "user.update",
    }
}
