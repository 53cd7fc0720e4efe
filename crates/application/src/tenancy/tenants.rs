use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry, Snapshot};
use haat_domain::auth::{
    Email, Grant, NewPassword, OneTimePasswords, PasswordHash, PasswordHasher, PersonName, Username,
};
use haat_domain::change::StoredResponse;
use haat_domain::people::{NewTenantTx, NewUser};
use haat_domain::shared::{Page, PageRequest, Phone, Role, StorageFailure, TenantId, TimeZone, UserId};
use haat_domain::tenancy::{
    NewTenant, Tenant, TenantDirectory, TenantKey, TenantPatch, TenantQuery, TenantState,
};

use super::refusals::{TenantError, slug_taken, unknown_time_zone, user_taken};
use crate::shared::{
    Actor, Allowed, Audited, AuditedChange, ChangeError, ChangeTenant, Changes, CursorKey, ManageTenants,
    Permission, ReadError, Rendered, WriteOptions, stored_text,
};

impl CursorKey for TenantKey {
    /// The short name.
    type Parts = (String,);

    fn parts(&self) -> Self::Parts {
        (self.0.clone(),)
    }

    fn of((slug,): Self::Parts) -> Option<Self> {
        stored_text(slug).map(Self)
    }
}

/// A tenant to create, with its first administrator.
#[derive(Debug, Clone)]
pub struct CreateTenantInput {
    /// The tenant.
    pub tenant: NewTenant,
    /// The administrator; none if `None`.
    pub admin: Option<FirstAdmin>,
}

/// The first administrator of a tenant.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// The login name.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The e-mail address, if given.
    pub email: Option<Email>,
    /// The phone number, if given.
    pub phone: Option<Phone>,
}

/// A created tenant.
#[derive(Debug, Clone)]
pub struct CreatedTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// The username and the id of the administrator, if one was created.
    pub admin: Option<(Username, UserId)>,
}

/// Reads and changes tenants. Super admins may do so with all tenants, other callers with their own.
pub struct Tenants {
    directory: Arc<dyn TenantDirectory>,
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    changes: Changes<dyn NewTenantTx>,
}

impl Tenants {
    /// Builds the use cases.
    #[must_use]
    pub fn new(
        directory: Arc<dyn TenantDirectory>,
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        changes: Changes<dyn NewTenantTx>,
    ) -> Self {
        Self { directory, passwords, hasher, changes }
    }

    /// Returns a page of tenants, ordered by their short names.
    pub async fn list(
        &self,
        _: &Allowed<ManageTenants>,
        query: &TenantQuery,
        page: &PageRequest<TenantKey>,
    ) -> Result<Page<Tenant, TenantKey>, StorageFailure> {
        self.directory.list(query, page).await
    }

    /// Returns a tenant. A tenant that the caller may not see is [`ReadError::NotFound`].
    pub async fn get(&self, allowed: &Allowed<ChangeTenant>, id: TenantId) -> Result<Tenant, ReadError> {
        if !covers(allowed, id) {
            return Err(ReadError::NotFound);
        }
        self.directory.find(id).await?.ok_or(ReadError::NotFound)
    }

    /// Creates a tenant, and its first administrator with a one-time password. The response contains the password only this
    /// once: the response that is stored for repetitions, and that of a dry run, are rendered without it.
    ///
    /// # Errors
    /// [`TenantError`]; `Taken` if another tenant has the short name. Nothing is changed on an error.
    pub async fn create(
        &self,
        allowed: &Allowed<ManageTenants>,
        input: &CreateTenantInput,
        options: &WriteOptions,
        render: impl Fn(&CreatedTenant, Option<&NewPassword>) -> Rendered,
    ) -> Result<StoredResponse, TenantError> {
        // Hashing is slow by design, so it happens before the transaction.
        let (password, password_hash) = match &input.admin {
            Some(_) => self.one_time_password().await.map(|(password, hash)| (Some(password), Some(hash)))?,
            None => (None, None),
        };
        let mut with_password = None;
        let render = |created: &CreatedTenant| {
            if !options.validate_only {
                with_password = Some(render(created, password.as_ref())?);
            }
            render(created, None)
        };
        let response: Result<StoredResponse, TenantError> = self
            .changes
            .run(allowed, options, render, async |tx, at| {
                check_time_zone(tx, input.tenant.time_zone.as_ref()).await?;
                let id = tx.tenants().insert(&input.tenant).await?.ok_or_else(slug_taken)?;
                let missing = || StorageFailure::Broken("a new tenant was not found".to_owned());
                let tenant = tx.tenants().lock(id).await?.ok_or_else(missing)?;
                let created =
                    || AuditedChange::created(AuditAction::TenantCreate, id.to_string(), snapshot(&tenant));
                let mut entries = vec![created().by_operator(id, &options.request_id, at)];
                let admin = match (&input.admin, password_hash.as_ref()) {
                    (Some(admin), Some(hash)) => {
                        let user = new_user(id, admin, hash.clone(), at);
                        let inserted = tx.users().insert(&user).await?;
                        let user_id = inserted.map_err(|conflicts| user_taken(&conflicts))?;
                        let change = AuditedChange::created(
                            AuditAction::UserCreate,
                            user_id.to_string(),
                            user_snapshot(admin),
                        );
                        entries.push(change.by_operator(id, &options.request_id, at));
                        Some((admin.username.clone(), user_id))
                    }
                    _ => None,
                };
                // The new tenant's own log. The entry in the log of the platform names the super admin.
                tx.audit().record(&entries).await?;
                let audited = created();
                Ok(Audited::new(CreatedTenant { tenant, admin }, audited))
            })
            .await;
        let response = response?;
        Ok(with_password.unwrap_or(response))
    }

    /// Changes a tenant. Only an administrator of the tenant changes its support access, and only a super admin its state.
    /// Closing a tenant ends the access of all its users.
    ///
    /// # Errors
    /// [`TenantError`]. Nothing is changed on an error.
    pub async fn update(
        &self,
        allowed: &Allowed<ChangeTenant>,
        id: TenantId,
        patch: &TenantPatch,
        options: &WriteOptions,
        render: impl FnOnce(&Tenant) -> Rendered,
    ) -> Result<StoredResponse, TenantError> {
        self.changes
            .run(allowed, options, render, async |tx, at| change(tx, allowed, (id, patch), options, at).await)
            .await
    }

    /// Closes a tenant. A tenant that is closed already stays closed.
    ///
    /// # Errors
    /// [`TenantError`]. Nothing is changed on an error.
    pub async fn close(
        &self,
        allowed: &Allowed<ManageTenants>,
        id: TenantId,
        options: &WriteOptions,
        render: impl FnOnce(&Tenant) -> Rendered,
    ) -> Result<StoredResponse, TenantError> {
        let patch = TenantPatch { state: Some(TenantState::Closed), ..TenantPatch::default() };
        self.changes
            .run(allowed, options, render, async |tx, at| {
                change(tx, allowed, (id, &patch), options, at).await
            })
            .await
    }

    async fn one_time_password(&self) -> Result<(NewPassword, PasswordHash), TenantError> {
        let password = self.passwords.next().map_err(TenantError::Broken)?;
        let hash = self.hasher.hash(&password).await?;
        Ok((password, hash))
    }
}

/// Returns true if the caller may see and change the tenant.
fn covers(caller: &Actor, id: TenantId) -> bool {
    caller.has(Permission::ManageTenants) || caller.tenant == id
}

async fn change(
    tx: &mut dyn NewTenantTx,
    caller: &Actor,
    (id, patch): (TenantId, &TenantPatch),
    options: &WriteOptions,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<Audited<Tenant>, TenantError> {
    if !covers(caller, id) {
        return Err(ChangeError::NotFound.into());
    }
    let before = tx.tenants().lock(id).await?.ok_or(ChangeError::NotFound)?;
    options.check_version(before.version)?;
    // The platform decides over the state, the tenant over the access of the platform.
    let is_support = caller.has(Permission::ManageTenants);
    if (patch.support_access.is_some() && is_support) || (patch.state.is_some() && !is_support) {
        return Err(ChangeError::Forbidden.into());
    }
    if patch.state == Some(TenantState::Closed) && (before.is_platform || id == caller.tenant) {
        return Err(TenantError::CannotCloseOwn);
    }
    let after = before.patched(patch);
    if after == before {
        return Ok(Audited::unchanged(before));
    }
    if after.time_zone != before.time_zone {
        check_time_zone(tx, Some(&after.time_zone)).await?;
    }
    tx.tenants().update(&after).await?;
    let after = Tenant { version: before.version + 1, ..after };
    let changed = || changed(&before, &after);
    if id != caller.tenant {
        // The tenant's own log, too.
        let entry: AuditEntry = changed().by_operator(id, &options.request_id, at);
        tx.audit().record(&[entry]).await?;
    }
    let audited = changed();
    Ok(Audited::new(after, audited))
}

async fn check_time_zone(tx: &mut dyn NewTenantTx, time_zone: Option<&TimeZone>) -> Result<(), TenantError> {
    match time_zone {
        Some(time_zone) if !tx.tenants().has_time_zone(time_zone).await? => Err(unknown_time_zone().into()),
        _ => Ok(()),
    }
}

fn new_user(
    tenant: TenantId,
    admin: &FirstAdmin,
    hash: PasswordHash,
    at: chrono::DateTime<chrono::Utc>,
) -> NewUser {
    NewUser {
        tenant,
        username: admin.username.clone(),
        name: admin.name.clone(),
        first_name: None,
        last_name: None,
        phone: admin.phone.clone(),
        email: admin.email.clone(),
        grants: Grant::new(Role::Admin, None).into_iter().collect(),
        granted_by: None,
        password_hash: hash,
        must_change_password: true,
        employee_code: None,
        capacity: None,
        created_at: at,
    }
}

fn snapshot(tenant: &Tenant) -> Snapshot {
    vec![
        ("slug", tenant.slug.as_str().into()),
        ("name", tenant.name.as_str().into()),
        ("timeZone", tenant.time_zone.as_str().into()),
        ("state", tenant.state.as_str().into()),
        ("supportAccess", tenant.support_access.into()),
    ]
}

fn user_snapshot(admin: &FirstAdmin) -> Snapshot {
    vec![
        ("username", admin.username.as_str().into()),
        ("name", admin.name.as_str().into()),
        ("role", Role::Admin.as_str().into()),
        ("email", admin.email.as_ref().map(Email::as_str).into()),
        ("phone", admin.phone.as_ref().map(Phone::as_str).into()),
    ]
}

/// Describes the change of a tenant, with only the values that differ.
fn changed(before: &Tenant, after: &Tenant) -> AuditedChange {
    let action = match (before.state, after.state) {
        (TenantState::Active, TenantState::Closed) => AuditAction::TenantClose,
        (TenantState::Closed, TenantState::Active) => AuditAction::TenantReopen,
        _ => AuditAction::TenantUpdate,
    };
    let (old, new) =
        snapshot(before).into_iter().zip(snapshot(after)).filter(|(old, new)| old != new).unzip();
    AuditedChange::updated(action, after.id.to_string(), old, new)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{MockOneTimePasswords, MockPasswordHasher};
    use haat_domain::people::{MockUserWriter, UserWriter};
    use haat_domain::tenancy::{
        MockTenantDirectory, MockTenantWriter, TenantName, TenantSlug, TenantTx, TenantWriter,
    };

    use super::*;
    use crate::testing::{FakeTx, OneTx, admin, changes, granted, noon, response};

    type Writers = (MockTenantWriter, MockUserWriter);

    impl TenantTx for FakeTx<Writers> {
        fn tenants(&mut self) -> &mut dyn TenantWriter {
            &mut self.writer.0
        }
    }

    impl NewTenantTx for FakeTx<Writers> {
        fn users(&mut self) -> &mut dyn UserWriter {
            &mut self.writer.1
        }
    }

    #[async_trait::async_trait]
    impl haat_domain::shared::BeginTransaction<dyn NewTenantTx> for OneTx<FakeTx<Writers>> {
        async fn begin(&self) -> Result<Box<dyn NewTenantTx>, StorageFailure> {
            Ok(Box::new(self.take()))
        }
    }

    fn tenant(id: i64) -> Tenant {
        Tenant {
            id: TenantId::new(id),
            slug: TenantSlug::parse("acme").unwrap(),
            name: TenantName::parse("Acme").unwrap(),
            time_zone: TimeZone::parse("Asia/Dhaka").unwrap(),
            state: TenantState::Active,
            is_platform: id == 9,
            support_access: true,
            version: 3,
            created_at: noon(),
        }
    }

    /// A super admin of platform tenant 9.
    fn super_admin() -> Actor {
        Actor { tenant: TenantId::new(9), is_platform: true, ..granted(&[Role::SuperAdmin]) }
    }

    /// Changes a tenant; returns the error, if any, and the tenants of the audit entries with their actions.
    async fn update(
        caller: Actor,
        id: i64,
        patch: &TenantPatch,
    ) -> (Option<TenantError>, Vec<(i64, AuditAction)>) {
        let mut tenants = MockTenantWriter::new();
        tenants.expect_lock().returning(|id| Ok(Some(tenant(id.get()))));
        tenants.expect_update().returning(|_| Ok(()));
        tenants.expect_has_time_zone().returning(|zone| Ok(zone.as_str() != "Europe/London"));
        let entries = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut audit = MockAuditWriter::new();
        let written = entries.clone();
        audit.expect_record().returning(move |new| {
            written.lock().unwrap().extend(new.iter().map(|entry| (entry.tenant.get(), entry.action)));
            Ok(())
        });
        let tx = OneTx::new(FakeTx::of((tenants, MockUserWriter::new())).with_audit(audit));
        let committed = tx.committed();
        let use_case = Tenants::new(
            Arc::new(MockTenantDirectory::new()),
            Arc::new(MockOneTimePasswords::new()),
            Arc::new(MockPasswordHasher::new()),
            changes(tx),
        );
        let allowed = Allowed::check(caller).unwrap();
        let options = WriteOptions::default();
        let result = use_case.update(&allowed, TenantId::new(id), patch, &options, response).await;
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok());
        let entries = entries.lock().unwrap().clone();
        (result.err(), entries)
    }

    #[tokio::test]
    async fn the_platform_and_the_tenant_change_different_members() {
        let patch = TenantPatch::default;
        let named = TenantPatch { name: TenantName::parse("New").ok(), ..patch() };
        let support = TenantPatch { support_access: Some(false), ..patch() };
        let closed = TenantPatch { state: Some(TenantState::Closed), ..patch() };
        let forbidden = || Some(TenantError::Change(ChangeError::Forbidden));
        let own = admin().tenant.get();
        for (caller, id, patch, error, entries) in [
            (admin(), own, &named, None, vec![(own, AuditAction::TenantUpdate)]),
            (admin(), own, &support, None, vec![(own, AuditAction::TenantUpdate)]),
            (admin(), own, &closed, forbidden(), vec![]),
            (admin(), 5, &named, Some(ChangeError::NotFound.into()), vec![]),
            (
                super_admin(),
                5,
                &named,
                None,
                vec![(5, AuditAction::TenantUpdate), (9, AuditAction::TenantUpdate)],
            ),
            (
                super_admin(),
                5,
                &closed,
                None,
                vec![(5, AuditAction::TenantClose), (9, AuditAction::TenantClose)],
            ),
            (super_admin(), 5, &support, forbidden(), vec![]),
            (super_admin(), 9, &closed, Some(TenantError::CannotCloseOwn), vec![]),
            (super_admin(), 5, &patch(), None, vec![]),
        ] {
            assert_eq!(update(caller, id, patch,).await, (error, entries), "{id} {patch:?}");
        }
    }

    #[tokio::test]
    async fn unknown_time_zones_are_refused() {
        let patch =
            TenantPatch { time_zone: TimeZone::parse("Europe/London").ok(), ..TenantPatch::default() };
        let (error, entries) = update(admin(), admin().tenant.get(), &patch).await;
        assert_eq!((error, entries), (Some(unknown_time_zone().into()), vec![]));
    }
}
