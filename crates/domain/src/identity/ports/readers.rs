//! What identity reads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::identity::{
    CompanySettings, Credential, DeviceId, LoginName, Person, PersonKey, PersonQuery, Role, Session,
    SessionId, TenantSlug, User, UserStanding, Username,
};
use crate::shared::{Page, PageRequest, StorageFailure, TenantId, UserId};

/// A tenant, and its user of a name, with the last token version under which they have logged in with a device, if lately.
pub type FoundLogin = (TenantId, Option<(Credential, Option<i32>)>);

/// Finds what a login is checked against.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CredentialReader: Send + Sync {
    /// The tenant and its user of that name, disabled ones too, with the last token version under which they have logged in with this device lately; `None`
    /// when the tenant is unknown or closed. An unknown name costs what a known one does.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find<'a>(
        &self,
        tenant: &TenantSlug,
        name: &LoginName,
        device: Option<&'a DeviceId>,
    ) -> Result<Option<FoundLogin>, StorageFailure>;

    /// Of a user who is known already.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn of(&self, tenant: TenantId, user: UserId) -> Result<Option<Credential>, StorageFailure>;
}

/// Reads users.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserReader: Send + Sync {
    /// One user, if there is one of this id in the tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, StorageFailure>;

    /// The id of an active tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find_tenant(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure>;
}

/// Finds out who is meant by a username, in a filter.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UsernameReader: Send + Sync {
    /// The id of the tenant's user of this name, in any case of letters; a disabled one too.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn id_of(&self, tenant: TenantId, username: &Username) -> Result<Option<UserId>, StorageFailure>;
}

/// Reads what every request checks of its caller. Apart from [`UserReader`] because it is asked on every
/// request and may be answered from a cache.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserStandingReader: Send + Sync {
    /// How the user stands now, and their session, if one is asked about; `None` when there is no such user or the tenant is
    /// closed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<UserStanding>, StorageFailure>;
}

/// Reads people, as an administrator sees them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonReader: Send + Sync {
    /// One person of that role, if there is one of this id in the tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(&self, tenant: TenantId, role: Role, id: UserId) -> Result<Option<Person>, StorageFailure>;

    /// A page of people, in order of name.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn list(
        &self,
        tenant: TenantId,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure>;
}

/// Reads sessions.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// Those of a user that go on, the last used first.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StorageFailure>;
}

/// Reads what a company's administrators set of it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SettingsReader: Send + Sync {
    /// As it is now; `None` where the tenant is closed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn of(&self, tenant: TenantId) -> Result<Option<CompanySettings>, StorageFailure>;
}
