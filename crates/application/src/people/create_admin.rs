use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{
    Email, Grant, HashFailure, NewPassword, PasswordError, PasswordHasher, PersonName, Username,
};
use haat_domain::people::{NewUser, PeopleTx, UserConflict};
use haat_domain::shared::{BeginTransaction, Clock, Phone, Role, StorageFailure, UserId};
use haat_domain::tenancy::{TenantReader, TenantSlug};

/// The kind of administrator that the operator creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminOf {
    /// An administrator of the tenant with this short name.
    Tenant(TenantSlug),
    /// A super admin of the platform.
    Platform,
}

/// Input of [`CreateAdmin`].
#[derive(Debug)]
pub struct CreateAdminInput {
    /// The tenant, or the platform.
    pub of: AdminOf,
    /// The login name.
    pub username: Username,
    /// The name.
    pub name: PersonName,
    /// The e-mail address, if given.
    pub email: Option<Email>,
    /// The phone number, if given.
    pub phone: Option<Phone>,
    /// The password.
    pub password: NewPassword,
}

/// Errors of [`CreateAdmin`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateAdminError {
    /// There is no active tenant with this slug.
    #[error("there is no active tenant with this slug")]
    UnknownTenant,
    /// The users of the platform tenant are super admins.
    #[error("the users of the platform tenant are super admins: use create-super-admin")]
    OnlySuperAdmins,
    /// Another user has the username, phone number or e-mail address.
    #[error("{}", taken(.0))]
    Taken(Vec<UserConflict>),
    /// The password is not allowed for this user.
    #[error("the password {0}")]
    Password(#[from] PasswordError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

fn taken(conflicts: &[UserConflict]) -> String {
    let messages = conflicts.iter().map(|conflict| match conflict {
        UserConflict::Username => "the username is taken",
        UserConflict::Phone => "the phone number is taken",
        UserConflict::Email => "the e-mail address is taken",
        UserConflict::EmployeeCode => "the employee code is taken",
    });
    messages.collect::<Vec<_>>().join(", ")
}

/// Creates an admin from the command line of the server.
pub struct CreateAdmin {
    tenants: Arc<dyn TenantReader>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl CreateAdmin {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        tenants: Arc<dyn TenantReader>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tenants, hasher, db, clock }
    }

    /// Adds the user and the audit entry in one transaction, and returns the id.
    ///
    /// # Errors
    /// [`CreateAdminError`].
    pub async fn execute(&self, input: CreateAdminInput) -> Result<UserId, CreateAdminError> {
        let (slug, role) = match input.of {
            AdminOf::Tenant(slug) if slug == TenantSlug::platform() => {
                return Err(CreateAdminError::OnlySuperAdmins);
            }
            AdminOf::Tenant(slug) => (slug, Role::Admin),
            AdminOf::Platform => (TenantSlug::platform(), Role::SuperAdmin),
        };
        let tenant = self.tenants.id_of(&slug).await?.ok_or(CreateAdminError::UnknownTenant)?;
        input.password.differs_from(&input.username)?;
        let password_hash = self.hasher.hash(&input.password).await?;
        let user = NewUser {
            tenant,
            username: input.username,
            name: input.name,
            phone: input.phone,
            email: input.email,
            first_name: None,
            last_name: None,
            grants: Grant::new(role, None).into_iter().collect(),
            granted_by: None,
            password_hash,
            must_change_password: false,
            employee_code: None,
            capacity: None,
            created_at: self.clock.now(),
        };
        let mut tx = self.db.begin().await?;
        let id = tx.users().insert(&user).await?.map_err(CreateAdminError::Taken)?;
        tx.audit().record(&[created(&user, id)]).await?;
        tx.commit().await?;
        Ok(id)
    }
}

fn created(user: &NewUser, id: UserId) -> AuditEntry {
    AuditEntry {
        tenant: user.tenant,
        at: user.created_at,
        actor: None,
        action: AuditAction::UserCreate,
        entity_id: Some(id.to_string()),
        before: None,
        after: Some(vec![
            ("username", user.username.as_str().into()),
            ("name", user.name.as_str().into()),
            ("role", user.role().map(Role::as_str).into()),
            ("email", user.email.as_ref().map(Email::as_str).into()),
            ("phone", user.phone.as_ref().map(Phone::as_str).into()),
        ]),
        request_id: None,
        batch: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{MockPasswordHasher, PasswordHash};
    use haat_domain::people::MockUserWriter;
    use haat_domain::shared::{MockClock, TenantId};
    use haat_domain::tenancy::MockTenantReader;

    use super::*;
    use crate::testing::{FakeTx, OneTx, noon};

    fn input() -> CreateAdminInput {
        CreateAdminInput {
            of: AdminOf::Tenant(TenantSlug::default()),
            username: Username::parse("boss").unwrap(),
            name: PersonName::parse("Boss").unwrap(),
            email: None,
            phone: Some(Phone::parse("01711234567").unwrap()),
            password: NewPassword::parse("Secret@12345".to_owned().into()).unwrap(),
        }
    }

    fn use_case(tenant: Option<TenantId>, db: Arc<OneTx<FakeTx<MockUserWriter>>>) -> CreateAdmin {
        let mut tenants = MockTenantReader::new();
        tenants.expect_id_of().return_once(move |_| Ok(tenant));
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash".into())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        CreateAdmin::new(Arc::new(tenants), Arc::new(hasher), db, Arc::new(clock))
    }

    #[tokio::test]
    async fn commits_user_and_audit_entry_together() {
        let mut users = MockUserWriter::new();
        users
            .expect_insert()
            .withf(|user| user.role() == Some(Role::Admin) && user.password_hash.expose() == "hash")
            .times(1)
            .returning(|_| Ok(Ok(UserId::new(9))));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                let text = format!("{entries:?}");
                entries.len() == 1
                    && text.contains("boss")
                    && !text.contains("hash")
                    && !text.contains("Secret")
            })
            .times(1)
            .returning(|_| Ok(()));
        let db = Arc::new(OneTx::new(FakeTx::of(users).with_audit(audit)));
        let committed = db.committed();
        assert_eq!(use_case(Some(TenantId::new(1)), db).execute(input()).await, Ok(UserId::new(9)));
        assert!(committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn super_admins_belong_to_the_platform_and_other_admins_do_not() {
        let mut users = MockUserWriter::new();
        users
            .expect_insert()
            .withf(|user| user.role() == Some(Role::SuperAdmin) && user.tenant == TenantId::new(2))
            .times(1)
            .returning(|_| Ok(Ok(UserId::new(9))));
        let mut audit = MockAuditWriter::new();
        audit.expect_record().times(1).returning(|_| Ok(()));
        let db = Arc::new(OneTx::new(FakeTx::of(users).with_audit(audit)));
        let input_of = |of| CreateAdminInput { of, ..input() };
        let created = use_case(Some(TenantId::new(2)), db).execute(input_of(AdminOf::Platform)).await;
        assert_eq!(created, Ok(UserId::new(9)));
        let db = Arc::new(OneTx::new(FakeTx::of(MockUserWriter::new())));
        let admin = input_of(AdminOf::Tenant(TenantSlug::platform()));
        let error = use_case(Some(TenantId::new(2)), db).execute(admin).await.unwrap_err();
        assert_eq!(error, CreateAdminError::OnlySuperAdmins);
    }

    #[tokio::test]
    async fn commits_nothing_if_a_value_is_taken() {
        let mut users = MockUserWriter::new();
        users.expect_insert().returning(|_| Ok(Err(vec![UserConflict::Phone])));
        let db = Arc::new(OneTx::new(FakeTx::of(users)));
        let committed = db.committed();
        let error = use_case(Some(TenantId::new(1)), db).execute(input()).await.unwrap_err();
        assert_eq!(error, CreateAdminError::Taken(vec![UserConflict::Phone]));
        assert!(!committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn commits_nothing_if_the_audit_entry_fails() {
        let mut users = MockUserWriter::new();
        users.expect_insert().returning(|_| Ok(Ok(UserId::new(9))));
        let mut audit = MockAuditWriter::new();
        audit.expect_record().returning(|_| Err(StorageFailure::Broken("full".into())));
        let db = Arc::new(OneTx::new(FakeTx::of(users).with_audit(audit)));
        let committed = db.committed();
        assert!(use_case(Some(TenantId::new(1)), db).execute(input()).await.is_err());
        assert!(!committed.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn an_unknown_tenant_neither_hashes_nor_opens_a_transaction() {
        let db = Arc::new(OneTx::new(FakeTx::of(MockUserWriter::new())));
        let error = use_case(None, db).execute(input()).await.unwrap_err();
        assert_eq!(error, CreateAdminError::UnknownTenant);
    }
}
