use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    GrantWriter, Identifiers, NewPasswordFile, NewSalesRep, NewUser, PasswordFile, PendingPassword, Person,
    PersonKey, PersonQuery,
};
use crate::auth::{FactorWriter, PasswordHash, PasswordWriter};
use crate::change::ChangeTx;
use crate::shared::{JobId, Page, PageRequest, Role, StorageFailure, Targets, TenantId, UserId};
use crate::tenancy::TenantTx;

/// Reads users as administrators see them. `targets` are those of the caller's permission; a user outside them is not found.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonReader: Send + Sync {
    /// Returns the user with this id who has this role, or any role if `role` is `None`.
    async fn find(
        &self,
        tenant: TenantId,
        targets: &Targets,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure>;

    /// Returns the ids of the users that the targets cover; they must not be those of the whole tenant.
    async fn covered(&self, tenant: TenantId, targets: &Targets) -> Result<Vec<UserId>, StorageFailure>;

    /// Returns a page of users, in the order of the query.
    async fn list(
        &self,
        tenant: TenantId,
        targets: &Targets,
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

    /// Locks a user until the commit and returns the current state, if the user has this role, or any role if `role` is
    /// `None`.
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

    /// Returns the attributes that other users have, for each of these users in their order.
    async fn conflicts(
        &mut self,
        tenant: TenantId,
        users: &[Identifiers],
    ) -> Result<Vec<Vec<UserConflict>>, StorageFailure>;

    /// Adds sales reps, who must change their passwords, and their grants, and returns their ids in the same order. Returns
    /// `None` if another user has an attribute of one of them; the transaction can then only be rolled back.
    async fn insert_sales_reps(
        &mut self,
        tenant: TenantId,
        reps: &[(NewSalesRep, PasswordHash)],
        granted_by: UserId,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<UserId>>, StorageFailure>;
}

/// Reads the files of one-time passwords.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordFileReader: Send + Sync {
    /// Returns the password files of these jobs. A job without one is left out.
    async fn password_files(
        &self,
        tenant: TenantId,
        jobs: &[JobId],
    ) -> Result<Vec<PasswordFile>, StorageFailure>;
}

/// Changes the files of one-time passwords inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordFileWriter: Send {
    /// Adds the password file of a job.
    async fn add(&mut self, file: &NewPasswordFile) -> Result<(), StorageFailure>;

    /// Erases the seeds of the tenant's files that were created or first given before these times.
    async fn expire(
        &mut self,
        tenant: TenantId,
        created_before: DateTime<Utc>,
        given_before: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Locks the password file of a job until the commit and returns it.
    async fn lock(&mut self, tenant: TenantId, job: JobId) -> Result<Option<PasswordFile>, StorageFailure>;

    /// Returns the users of a file whose passwords are still those of the file, in the order of its rows.
    async fn pending(&mut self, tenant: TenantId, job: JobId)
    -> Result<Vec<PendingPassword>, StorageFailure>;

    /// Records that a locked file was first given to this user.
    async fn give(
        &mut self,
        tenant: TenantId,
        job: JobId,
        to: UserId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;
}

/// The view of a transaction for the management of users.
pub trait PeopleTx: ChangeTx {
    /// Returns the users.
    fn users(&mut self) -> &mut dyn UserWriter;

    /// Returns the grants.
    fn grants(&mut self) -> &mut dyn GrantWriter;

    /// Returns the passwords.
    fn passwords(&mut self) -> &mut dyn PasswordWriter;

    /// Returns the second factors.
    fn factors(&mut self) -> &mut dyn FactorWriter;

    /// Returns the files of one-time passwords.
    fn password_files(&mut self) -> &mut dyn PasswordFileWriter;
}

/// The view of a transaction for adding a tenant with its first administrator.
pub trait NewTenantTx: TenantTx {
    /// Returns the users.
    fn users(&mut self) -> &mut dyn UserWriter;
}
