use std::sync::Arc;

use haat_domain::identity::{IdentityTx, Person, PersonPatch, Role, UserConflict};
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, close};

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
        let outcome = self.update(&mut *tx, actor, input).await;
        close(tx, actor, &input.change, outcome, receipt).await
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
        actor.check_role(before.user.role)?;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{Capacity, MockUserWriter, PersonName, User};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    fn input(patch: PersonPatch) -> UpdatePersonInput {
        let id = rep().user.id;
        UpdatePersonInput { role: Role::SalesRep, id, patch, expected: None, change: Change::default() }
    }

    fn state(active: bool) -> PersonPatch {
        PersonPatch { active: Some(active), ..PersonPatch::default() }
    }

    fn receipt(_: &Person) -> Receipt {
        Receipt { status: 200, location: None, etag: None, body: Vec::new() }
    }

    /// Changes `before`; what is written is `written`, or is refused.
    async fn execute(
        actor: &Actor,
        input: &UpdatePersonInput,
        before: Option<Person>,
        written: Option<(Person, Result<(), Vec<UserConflict>>)>,
        action: Option<&'static str>,
    ) -> (Result<Done<Person>, UpdatePersonError>, bool) {
        let mut users = MockUserWriter::new();
        let (id, after) = (input.id, written.clone());
        users.expect_lock().times(1).return_once(move |_, role, asked| {
            assert_eq!((role, asked), (Some(Role::SalesRep), id));
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
        let result = UpdatePerson::new(Arc::new(tx), Arc::new(clock)).execute(actor, input, &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn names_and_capacity_are_changed() {
        let patch = PersonPatch {
            name: PersonName::parse("Karim").ok(),
            capacity: Some(Capacity::parse(3).ok()),
            ..PersonPatch::default()
        };
        let after = rep().patched(&patch);
        let written = Some((after.clone(), Ok(())));
        let (result, committed) =
            execute(&admin(), &input(patch), Some(rep()), written, Some("user.update")).await;
        assert_eq!((result, committed), (Ok(Done::Now(after)), true));
    }

    #[tokio::test]
    async fn disabling_and_enabling_have_names_of_their_own() {
        let disabled = rep().patched(&state(false));
        assert_eq!(disabled.user.token_version, rep().user.token_version + 1);
        for (before, active, action) in [(rep(), false, "user.disable"), (disabled, true, "user.enable")] {
            let after = before.patched(&state(active));
            let written = Some((after.clone(), Ok(())));
            let (result, _) =
                execute(&admin(), &input(state(active)), Some(before), written, Some(action)).await;
            assert_eq!(result, Ok(Done::Now(after)));
        }
    }

    #[tokio::test]
    async fn what_is_so_already_is_not_written() {
        let (result, committed) = execute(&admin(), &input(state(true)), Some(rep()), None, None).await;
        assert_eq!((result, committed), (Ok(Done::Now(rep())), true));
    }

    #[tokio::test]
    async fn nobody_disables_themselves_but_others() {
        let own = UpdatePersonInput { id: admin().user, ..input(state(false)) };
        let me = Person { user: User { id: admin().user, ..rep().user }, ..rep() };
        let (result, committed) = execute(&admin(), &own, Some(me.clone()), None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::Yourself), false));
        let (result, _) =
            execute(&admin(), &UpdatePersonInput { patch: state(true), ..own }, Some(me), None, None).await;
        assert!(result.is_ok(), "who is active stays so");
    }

    #[tokio::test]
    async fn the_unknown_the_stale_and_the_taken_are_refused() {
        let name = PersonPatch { name: PersonName::parse("Karim").ok(), ..PersonPatch::default() };
        let (result, committed) = execute(&admin(), &input(name.clone()), None, None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::NotFound), false));
        let stale = UpdatePersonInput { expected: Some(vec![3, 5]), ..input(name.clone()) };
        let (result, committed) = execute(&admin(), &stale, Some(rep()), None, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::Stale), false));
        let taken = vec![UserConflict::Phone];
        let written = Some((rep().patched(&name), Err(taken.clone())));
        let fits = UpdatePersonInput { expected: Some(vec![3, 4]), ..input(name) };
        let (result, committed) = execute(&admin(), &fits, Some(rep()), written, None).await;
        assert_eq!((result, committed), (Err(UpdatePersonError::Taken(taken)), false));
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let update =
            UpdatePerson::new(Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()), Arc::new(MockClock::new()));
        let result = update.execute(&actor(), &input(state(false)), &receipt).await;
        assert_eq!(result, Err(UpdatePersonError::Change(ChangeError::Forbidden)));
    }
}
