use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{NewUser, Person, PersonKey, PersonQuery};
use crate::auth::{FactorWriter, PasswordWriter};
use crate::change::ChangeTx;
use crate::shared::{Page, PageRequest, Role, StorageFailure, TenantId, UserId};

/// Reads users as administrators see them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonReader: Send + Sync {
    /// Returns a user with this role, if the tenant has one with this id.
    async fn find(&self, tenant: TenantId, role: Role, id: UserId) -> Result<Option<Person>, StorageFailure>;

    /// Returns a page of users, in the order of the query.
    async fn list(
        &self,
        tenant: TenantId,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure>;
}

/// An attribute that another user already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserConflict {
    /// The username is taken.
    Username,
    /// The phone is taken.
    Phone,
    /// The e-mail address is taken.
    Email,
    /// The employee code is taken.
    EmployeeCode,
}

/// Changes users inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserWriter: Send {
    /// Adds a user, or returns all attributes that are taken; the transaction can then only be rolled back.
    async fn insert(&mut self, user: &NewUser) -> Result<Result<UserId, Vec<UserConflict>>, StorageFailure>;

    /// Locks a user until the commit and returns the current state. `role` of `None` stands for any role.
    async fn lock(
        &mut self,
        tenant: TenantId,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure>;

    /// Stores a locked user and raises the version, or returns all attributes that are taken; the transaction
    /// can then only be rolled back.
    async fn update(
        &mut self,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Result<(), Vec<UserConflict>>, StorageFailure>;
}

/// The view of a transaction for the management of users.
pub trait PeopleTx: ChangeTx {
    /// Returns the users.
    fn users(&mut self) -> &mut dyn UserWriter;

    /// Returns the passwords.
    fn passwords(&mut self) -> &mut dyn PasswordWriter;

    /// Returns the second factors.
    fn factors(&mut self) -> &mut dyn FactorWriter;
}
