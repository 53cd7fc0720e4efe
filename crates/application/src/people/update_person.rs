use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::people::{PeopleTx, Person, PersonPatch, UserConflict};
use haat_domain::shared::{BeginTransaction, Clock, Role, StorageFailure, UserId};

use super::refusals::taken;
use super::snapshot;
use crate::shared::{
    Actor, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions, begin, close, codes,
};

/// Input of [`UpdatePerson`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePersonInput {
    /// The role that the user must have.
    pub role: Role,
    /// The user.
    pub id: UserId,
    /// The new values.
    pub patch: PersonPatch,
    /// The versions accepted for the user; any version if `None`.
    pub expected: Option<Vec<i64>>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Errors of [`UpdatePerson`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdatePersonError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    NotFound,
    /// The user has none of the expected versions.
    #[error("the user was changed in the meantime")]
    Stale,
    /// The caller tried to disable their own account. This is refused so that at least one user remains who
    /// can enable others.
    #[error("you cannot disable your own account")]
    CannotTargetSelf,
    /// Other users have these values.
    #[error("some values are taken")]
    Taken(Vec<UserConflict>),
}

impl Refusal for UpdatePersonError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Stale => Refused::new(&codes::PRECONDITION_FAILED),
            Self::CannotTargetSelf => Refused::new(&crate::people::codes::CANNOT_TARGET_SELF),
            Self::Taken(conflicts) => taken(conflicts),
        }
    }
}

impl From<StorageFailure> for UpdatePersonError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Changes a user's names and state, and the employee code and capacity of a sales rep. Disabling revokes all
/// tokens of the user.
pub struct UpdatePerson {
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdatePerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn PeopleTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Changes the user and returns their new state. `stored_response` builds the response that is stored for
    /// replays.
    ///
    /// # Errors
    /// [`UpdatePersonError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &UpdatePersonInput,
        stored_response: &(dyn Fn(&Person) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Person>, UpdatePersonError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageUsers, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.update(&mut *tx, actor, input).await;
        close(tx, actor, &input.write_options, outcome, stored_response).await
    }

    async fn update(
        &self,
        tx: &mut dyn PeopleTx,
        actor: &Actor,
        input: &UpdatePersonInput,
    ) -> Result<Person, UpdatePersonError> {
        let (tenant, role) = (actor.tenant, Some(input.role));
        let before = tx.users().lock(tenant, role, input.id).await?.ok_or(UpdatePersonError::NotFound)?;
        if input.expected.as_ref().is_some_and(|versions| !versions.contains(&before.version)) {
            return Err(UpdatePersonError::Stale);
        }
        actor.check_role(before.user.role)?;
        let requested = before.patched(&input.patch);
        if requested.is_disabled_from(&before) && input.id == actor.user {
            return Err(UpdatePersonError::CannotTargetSelf);
        }
        if requested == before {
            return Ok(before);
        }
        let at = self.clock.now();
        tx.users().update(&requested, at).await?.map_err(UpdatePersonError::Taken)?;
        let after = tx.users().lock(tenant, role, input.id).await?.ok_or(UpdatePersonError::NotFound)?;
        let entry =
            snapshot::changed(action(&before, &after), (&before, &after), actor, &input.write_options, at);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{PersonName, User};
    use haat_domain::people::{Capacity, MockUserWriter};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    fn input(patch: PersonPatch) -> UpdatePersonInput {
        let id = rep().user.id;
        UpdatePersonInput {
            role: Role::SalesRep,
            id,
            patch,
            expected: None,
            write_options: WriteOptions::default(),
        }
    }

    fn state(active: bool) -> PersonPatch {
        PersonPatch { active: Some(active), ..PersonPatch::default() }
    }

    fn stored_response(_: &Person) -> StoredResponse {
        StoredResponse { status: 200, location: None, etag: None, body: Vec::new() }
    }

    /// Changes `before`; expects the write in `written` and returns its result to the use case.
    async fn execute(
        actor: &Actor,
        input: &UpdatePersonInput,
        before: Option<Person>,
        written: Option<(Person, Result<(), Vec<UserConflict>>)>,
        action: Option<&'static str>,
    ) -> (Result<Idempotent<Person>, UpdatePersonError>, bool) {
        let mut users = MockUserWriter::new();
        let (id, after) = (input.id, written.clone());
        users.expect_lock().times(1).return_once(move |_, role, user| {
            assert_eq!((role, user), (Some(Role::SalesRep), id));
            Ok(before)
        });
        users.expect_lock().returning(move |_, _, _| Ok(after.clone().map(|(person, _)| person)));
        users.expect_update().times(usize::from(written.is_some())).return_once(move |person, at| {
            let (expected, result) = written.unwrap();
            assert_eq!((person, at), (&expected, noon()));
            Ok(result)
        });
        let mut audit = MockAuditWriter::new();
        audit.expect_record().times(usize::from(action.is_some())).returning(move |entries| {
            assert_eq!(action, Some(entries[0].action));
            Ok(())
        });
        let tx = OneTx::new(FakeTx::of(users).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let result =
            UpdatePerson::new(Arc::new(tx), Arc::new(clock)).execute(actor, input, &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn changes_names_and_capacity() {
        let patch = PersonPatch {
            name: PersonName::parse("Karim").ok(),
            capacity: Some(Capacity::parse(3).ok()),
            ..PersonPatch::default()
        };
        let after = rep().patched(&patch);
        let written = Some((after.clone(), Ok(())));
        let (result, committed) =
            execute(&admin(), &input(patch), Some(rep()), written, Some("user.update")).await;
        assert_eq!((result, committed), (Ok(Idempotent::Executed(after)), true));
    }

    #[tokio::test]
    async fn audits_disabling_and_enabling_separately() {
        let disabled = rep().patched(&state(false));
        assert_eq!(disabled.user.token_version, rep().user.token_version + 1);
        for (before, active, action) in [(rep(), false, "user.disable"), (disabled, true, "user.enable")] {
            let after = before.patched(&state(active));
            let written = Some((after.clone(), Ok(())));
            let (result, _) =
                execute(&admin(), &input(state(active)), Some(before), written, Some(action)).await;
            assert_eq!(result, Ok(Idempotent::Executed(after)));
        }
    }

    #[tokio::test]
    async fn does_not_write_unchanged_values() {
        let (result, committed) = execute(&admin(), &input(state(true)), Some(rep()), None, None).await;
        assert_eq!((result, committed), (Ok(Idempotent::Executed(rep())), true));
    }

    #[tokio::test]
    async fn admins_cannot_disable_themselves() {
        let own = UpdatePersonInput { id: admin().user, ..input(state(false)) };
        let me = Person { user: User { id: admin().user, ..rep().user }, ..rep() };
        let (result, committed) = execute(&admin(), &own, Some(me.clone()), None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::CannotTargetSelf), false));
        let (result, _) =
            execute(&admin(), &UpdatePersonInput { patch: state(true), ..own }, Some(me), None, None).await;
        assert!(result.is_ok(), "enabling an active account changes nothing");
    }

    #[tokio::test]
    async fn rejects_unknown_users_stale_versions_and_taken_values() {
        let name = PersonPatch { name: PersonName::parse("Karim").ok(), ..PersonPatch::default() };
        let (result, committed) = execute(&admin(), &input(name.clone()), None, None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::NotFound), false));
        let stale = UpdatePersonInput { expected: Some(vec![3, 5]), ..input(name.clone()) };
        let (result, committed) = execute(&admin(), &stale, Some(rep()), None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::Stale), false));
        let taken = vec![UserConflict::Phone];
        let written = Some((rep().patched(&name), Err(taken.clone())));
        let current = UpdatePersonInput { expected: Some(vec![3, 4]), ..input(name) };
        let (result, committed) = execute(&admin(), &current, Some(rep()), written, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::Taken(taken)), false));
    }

    #[tokio::test]
    async fn sales_reps_are_rejected_before_the_transaction() {
        let update =
            UpdatePerson::new(Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()), Arc::new(MockClock::new()));
        let result = update.execute(&actor(), &input(state(false)), &stored_response).await;
        assert_eq!(result, Err(UpdatePersonError::Change(ChangeError::Forbidden)));
    }
}
