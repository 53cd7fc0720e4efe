use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{
    Email, Grant, NewPassword, OneTimePasswords, PasswordHash, PasswordHasher, PersonName, Username,
};
use haat_domain::change::StoredResponse;
use haat_domain::people::{
    Capacity, EmployeeCode, NewUser, PeopleTx, Person, PersonKey, PersonPatch, PersonQuery, PersonReader,
    RequestedGrant,
};
use haat_domain::shared::{
    NameKey, Page, PageRequest, Phone, Role, StorageFailure, Targets, TenantId, UserId,
};
use haat_domain::territory::NamedRef;

use super::refusals::{PersonError, taken};
use super::snapshot;
use super::user_roles::{check_last_admin, leaderless, resolve};
use crate::shared::{
    Allowed, Audited, ChangeError, Changes, CursorKey, ManageUsers, MayCreateOrDisableUsers, ReadError,
    ReadUsers, Rendered, ScopedPermission, WriteOptions,
};

impl CursorKey for PersonKey {
    /// The name, the id and the assigned count.
    type Parts = (String, i64, i64);

    fn parts(&self) -> Self::Parts {
        let (name, id) = self.name.parts();
        (name, id, self.assigned_count)
    }

    fn of((name, id, assigned_count): Self::Parts) -> Option<Self> {
        Some(Self { assigned_count, name: NameKey::of((name, id))? })
    }
}

/// A user to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateUser {
    /// The grants; at least one.
    pub grants: Vec<RequestedGrant>,
    /// The login name.
    pub username: Username,
    /// The displayed name.
    pub name: PersonName,
    /// The first name, if it is stored apart from the displayed name.
    pub first_name: Option<PersonName>,
    /// The last name, if it is stored apart from the displayed name.
    pub last_name: Option<PersonName>,
    /// The phone number, if known.
    pub phone: Option<Phone>,
    /// The e-mail address, if known.
    pub email: Option<Email>,
    /// The employee code of a sales rep.
    pub employee_code: Option<EmployeeCode>,
    /// The number of retailers a sales rep can serve; the default of the tenant if `None`.
    pub capacity: Option<Capacity>,
}

/// A user after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedUser {
    /// The user.
    pub person: Person,
    /// The teams that the change left without an active leader, by name.
    pub leaderless_teams: Vec<NamedRef>,
}

impl From<Person> for ChangedUser {
    fn from(person: Person) -> Self {
        Self { person, leaderless_teams: Vec::new() }
    }
}

/// Reads and changes the users of a tenant, and resets their credentials.
pub struct Users {
    people: Arc<dyn PersonReader>,
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    pub(super) changes: Changes<dyn PeopleTx>,
}

impl Users {
    /// Builds the use cases.
    #[must_use]
    pub fn new(
        people: Arc<dyn PersonReader>,
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        changes: Changes<dyn PeopleTx>,
    ) -> Self {
        Self { people, passwords, hasher, changes }
    }

    /// Returns a page of the users in the caller's scope.
    pub async fn list(
        &self,
        allowed: &Allowed<ReadUsers>,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure> {
        self.people.list(allowed.tenant, &allowed.targets(), query, page).await
    }

    /// Returns the user with this id who has this role, or any role if `role` is `None`. One outside the caller's scope is not
    /// found.
    pub async fn get(
        &self,
        allowed: &Allowed<ReadUsers>,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Person, ReadError> {
        self.people.find(allowed.tenant, &allowed.targets(), role, id).await?.ok_or(ReadError::NotFound)
    }

    /// Creates a user with a one-time password for the first login. The response contains the password only this
    /// once: the response that is stored for repetitions, and that of a dry run, are rendered without it. The id
    /// from a dry run is meaningless. Targets of roles outside the caller's scope are unknown.
    ///
    /// # Errors
    /// [`PersonError`]; `Taken` if other users have some of the values. Nothing is changed on an error.
    pub async fn create<P: MayCreateOrDisableUsers>(
        &self,
        allowed: &Allowed<P>,
        input: CreateUser,
        options: &WriteOptions,
        render: impl Fn(&Person, Option<&NewPassword>) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        // Hashing is slow by design, so it happens before the transaction.
        let (password, password_hash) = self.one_time_password().await?;
        let mut user = NewUser {
            tenant,
            username: input.username,
            name: input.name,
            first_name: input.first_name,
            last_name: input.last_name,
            phone: input.phone,
            email: input.email,
            grants: Vec::new(),
            granted_by: Some(allowed.user),
            password_hash,
            must_change_password: true,
            employee_code: input.employee_code,
            capacity: input.capacity,
            created_at: self.changes.now(),
        };
        let mut with_password = None;
        let render = |person: &Person| {
            if !options.validate_only {
                with_password = Some(render(person, Some(&password))?);
            }
            render(person, None)
        };
        let response: Result<StoredResponse, PersonError> = self
            .changes
            .run_on(
                allowed,
                options,
                async |tx, stored| match stored.created() {
                    Some(id) => covers(tx, tenant, &targets, UserId::new(id)).await,
                    None => Ok(true),
                },
                render,
                async |tx, _| {
                    user.grants = resolve(tx, tenant, &input.grants, &targets).await?;
                    allowed.check_grants(user.grants.iter().copied())?;
                    if !Grant::are_compatible(&user.grants) {
                        return Err(PersonError::IncompatibleRoles);
                    }
                    let id = tx.users().insert(&user).await?.map_err(|conflicts| taken(&conflicts))?;
                    let person = tx.users().lock(tenant, None, id).await?;
                    let person = person
                        .ok_or_else(|| StorageFailure::Broken("a new user was not found".to_owned()))?;
                    let created = snapshot::created(&person);
                    Ok(Audited::new(person, created))
                },
            )
            .await;
        let response = response?;
        Ok(with_password.unwrap_or(response))
    }

    /// Changes a user's names and state, and the employee code and capacity of a sales rep. `role` of `None` stands for any
    /// role. Disabling revokes all tokens of the user.
    ///
    /// # Errors
    /// [`PersonError`]; `Taken` if other users have some of the values. Nothing is changed on an error.
    pub async fn update(
        &self,
        allowed: &Allowed<ManageUsers>,
        user: (Option<Role>, UserId),
        patch: &PersonPatch,
        options: &WriteOptions,
        render: impl FnOnce(&ChangedUser) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        self.change(allowed, user, patch, options, render).await
    }

    /// Disables a user, as [`update`](Self::update) does.
    ///
    /// # Errors
    /// [`PersonError`]. Nothing is changed on an error.
    pub async fn disable<P: MayCreateOrDisableUsers>(
        &self,
        allowed: &Allowed<P>,
        user: (Option<Role>, UserId),
        options: &WriteOptions,
        render: impl FnOnce(&ChangedUser) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        let patch = PersonPatch { active: Some(false), ..PersonPatch::default() };
        self.change(allowed, user, &patch, options, render).await
    }

    async fn change<P: ScopedPermission>(
        &self,
        allowed: &Allowed<P>,
        (role, id): (Option<Role>, UserId),
        patch: &PersonPatch,
        options: &WriteOptions,
        render: impl FnOnce(&ChangedUser) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| covers(tx, tenant, &targets, id).await,
                render,
                async |tx, at| {
                    let found = tx.users().lock(tenant, role, id).await?;
                    let in_scope = found.filter(|person| person.user.grants.are_among(&targets));
                    let before = in_scope.ok_or(ChangeError::NotFound)?;
                    options.check_version(before.version)?;
                    allowed.check_grants(before.user.grants.iter())?;
                    let requested = before.patched(patch);
                    if requested.is_disabled_from(&before) && id == allowed.user {
                        return Err(PersonError::CannotDisableSelf);
                    }
                    if requested == before {
                        return Ok(Audited::unchanged(before.into()));
                    }
                    if requested.is_disabled_from(&before) {
                        check_last_admin(tx, &before, &[]).await?;
                    }
                    let users = tx.users();
                    let updated = users.update(&requested, at).await?;
                    updated.map_err(|conflicts| taken(&conflicts))?;
                    let after = users.lock(tenant, role, id).await?.ok_or(ChangeError::NotFound)?;
                    let changed = snapshot::changed(action(&before, &after), &before, &after);
                    let led =
                        if after.is_disabled_from(&before) { after.user.grants.teams() } else { Vec::new() };
                    let leaderless_teams = leaderless(tx, tenant, &led).await?;
                    Ok(Audited::new(ChangedUser { person: after, leaderless_teams }, changed))
                },
            )
            .await
    }

    /// Returns a random password with its hash.
    pub(super) async fn one_time_password(&self) -> Result<(NewPassword, PasswordHash), PersonError> {
        let password = self.passwords.next().map_err(PersonError::Broken)?;
        let hash = self.hasher.hash(&password).await?;
        Ok((password, hash))
    }
}

/// Returns true if the caller's scope covers a user.
async fn covers(
    tx: &mut dyn PeopleTx,
    tenant: TenantId,
    targets: &Targets,
    id: UserId,
) -> Result<bool, StorageFailure> {
    // Callers for the whole tenant keep every user.
    Ok(targets.all
        || tx.grants().lock_users(tenant, &[id]).await?.iter().any(|(_, grants)| grants.are_among(targets)))
}

const fn action(before: &Person, after: &Person) -> AuditAction {
    match (before.user.active, after.user.active) {
        (true, false) => AuditAction::UserDisable,
        (false, true) => AuditAction::UserEnable,
        _ => AuditAction::UserUpdate,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::auth::User;
    use haat_domain::change::{Claim, IdempotencyKey, IdempotentRequest, MockStoredResponseWriter};
    use haat_domain::people::{MockUserWriter, UserConflict};

    use super::*;
    use crate::people::testing::{PASSWORD, response, users};
    use crate::testing::{FakeTx, OneTx, actor, admin, allowed, audits, noon, rep};

    fn input() -> CreateUser {
        CreateUser {
            grants: vec![RequestedGrant { role: Role::SalesRep, target: None }],
            username: Username::parse("sr00005").unwrap(),
            name: PersonName::parse("Rahim Uddin").unwrap(),
            first_name: None,
            last_name: None,
            phone: None,
            email: None,
            employee_code: EmployeeCode::parse("E-5").ok(),
            capacity: Capacity::parse(9).ok(),
        }
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
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, None, 5))
            .returning(|_, _, _| Ok(Some(rep())));
        users
    }

    /// Creates the user of [`input`]; returns the body of the response, and whether the change was committed.
    async fn create(
        tx: FakeTx<MockUserWriter>,
        options: WriteOptions,
    ) -> (Result<String, PersonError>, bool) {
        let tx = OneTx::new(tx);
        let committed = tx.committed();
        let render = |person: &Person, password: Option<&NewPassword>| {
            assert_eq!(*person, rep());
            Ok(response(password))
        };
        let created = users(tx).create(&allowed::<ManageUsers>(), input(), &options, render).await;
        let body = created.map(|response| String::from_utf8(response.body).unwrap());
        (body, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn returns_the_one_time_password_of_a_new_user_unless_nothing_is_saved() {
        for validate_only in [false, true] {
            let tx = FakeTx::of(writer(Ok(UserId::new(5)))).with_audit(audits(Some(AuditAction::UserCreate)));
            let options = WriteOptions { validate_only, ..WriteOptions::default() };
            let password = if validate_only { "none" } else { PASSWORD };
            assert_eq!(create(tx, options).await, (Ok(password.to_owned()), !validate_only));
        }
    }

    #[tokio::test]
    async fn reports_taken_values_and_commits_nothing() {
        let conflicts = vec![UserConflict::Username, UserConflict::EmployeeCode];
        let (result, committed) =
            create(FakeTx::of(writer(Err(conflicts.clone()))), WriteOptions::default()).await;
        assert_eq!((result, committed), (Err(taken(&conflicts).into()), false));
    }

    #[tokio::test]
    async fn the_stored_response_has_no_password() {
        let request = IdempotentRequest {
            key: IdempotencyKey::parse("k").unwrap(),
            route: "POST".into(),
            body_hash: [1; 32],
            sent_hash: [2; 32],
        };
        for (claim, saves, body) in [(Claim::New, 1, PASSWORD), (Claim::Completed(response(None)), 0, "none")]
        {
            let mut stored_responses = MockStoredResponseWriter::new();
            stored_responses.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
            stored_responses
                .expect_save()
                .withf(|_, _, _, stored| *stored == response(None))
                .times(saves)
                .returning(|_, _, _, _| Ok(()));
            let tx = FakeTx::of(writer(Ok(UserId::new(5))))
                .with_audit(audits((saves == 1).then_some(AuditAction::UserCreate)))
                .with_stored_responses(stored_responses);
            let options =
                WriteOptions { idempotent_request: Some(request.clone()), ..WriteOptions::default() };
            assert_eq!(create(tx, options).await, (Ok(body.to_owned()), saves == 1));
        }
    }

    fn state(active: bool) -> PersonPatch {
        PersonPatch { active: Some(active), ..PersonPatch::default() }
    }

    /// Changes `before`; expects the write in `written` and returns its result to the use case.
    async fn update(
        patch: &PersonPatch,
        before: Person,
        written: Option<(Person, Result<(), Vec<UserConflict>>)>,
        action: Option<AuditAction>,
    ) -> (Option<PersonError>, bool) {
        let mut writer = MockUserWriter::new();
        let (id, after) = (before.user.id, written.clone());
        writer.expect_lock().times(1).return_once(move |_, role, user| {
            assert_eq!((role, user), (Some(Role::SalesRep), id));
            Ok(Some(before))
        });
        writer.expect_lock().returning(move |_, _, _| Ok(after.clone().map(|(person, _)| person)));
        writer.expect_update().times(usize::from(written.is_some())).return_once(move |person, at| {
            let (expected, result) = written.unwrap();
            assert_eq!((person, at), (&expected, noon()));
            Ok(result)
        });
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audits(action)));
        let committed = tx.committed();
        let target = (Some(Role::SalesRep), id);
        let result = users(tx)
            .update(&allowed(), target, patch, &WriteOptions::default(), crate::testing::response)
            .await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn audits_disabling_and_enabling_separately() {
        let disabled = rep().patched(&state(false));
        assert_eq!(disabled.user.token_version, rep().user.token_version + 1);
        let rename = PersonPatch { name: PersonName::parse("Karim").ok(), ..PersonPatch::default() };
        for (before, patch, action) in [
            (rep(), state(false), AuditAction::UserDisable),
            (disabled, state(true), AuditAction::UserEnable),
            (rep(), rename, AuditAction::UserUpdate),
        ] {
            let written = Some((before.patched(&patch), Ok(())));
            assert_eq!(update(&patch, before, written, Some(action)).await, (None, true), "{action:?}");
        }
    }

    #[tokio::test]
    async fn does_not_write_unchanged_values() {
        assert_eq!(update(&state(true), rep(), None, None).await, (None, true));
    }

    #[tokio::test]
    async fn admins_cannot_disable_themselves() {
        let me = Person { user: User { id: admin().user, ..rep().user }, ..rep() };
        let (error, committed) = update(&state(false), me.clone(), None, None).await;
        assert_eq!((error, committed), (Some(PersonError::CannotDisableSelf), false));
        let enabled = update(&state(true), me, None, None).await;
        assert_eq!(enabled, (None, true), "enabling an active account changes nothing");
    }

    #[tokio::test]
    async fn an_update_reports_taken_values_and_commits_nothing() {
        let conflicts = vec![UserConflict::Phone];
        let written = Some((rep().patched(&state(false)), Err(conflicts.clone())));
        let result = update(&state(false), rep(), written, None).await;
        assert_eq!(result, (Some(taken(&conflicts).into()), false));
    }
}
