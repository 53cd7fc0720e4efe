use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::auth::{Grant, GrantTarget, Grants, Username};
use crate::retailer::RetailerUid;
use crate::shared::{Role, StorageFailure, TeamId, TenantId, UserId, ids};
use crate::territory::NamedRef;

ids! {
    /// A grant of a user.
    GrantId,
}

/// A target as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetName {
    /// A region, an area, a team or a distributor, by its id.
    Id(GrantTarget),
    /// A retailer, by its uid.
    Retailer(RetailerUid),
}

/// A grant as a request describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedGrant {
    /// The role.
    pub role: Role,
    /// The target, of the kind that the role requires.
    pub target: Option<TargetName>,
}

/// A grant as a user has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldGrant {
    /// The id.
    pub id: GrantId,
    /// The role and its target.
    pub grant: Grant,
    /// The name of the target; empty for a role without targets.
    pub target_name: String,
    /// The uid, if the target is a retailer.
    pub retailer: Option<RetailerUid>,
    /// The user who gave the grant; `None` if the operator did.
    pub granted_by: Option<(UserId, Username)>,
    /// The time at which it was given.
    pub granted_at: DateTime<Utc>,
}

/// Reads the grants of users.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GrantReader: Send + Sync {
    /// Returns the grants of a user, the highest role first, then by the name of the target, with the version of the
    /// user. Returns `None` if the tenant has no such user.
    async fn grants(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<(Vec<HeldGrant>, i64)>, StorageFailure>;
}

/// Changes the grants of users inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GrantWriter: Send {
    /// Returns the grants of a locked user, in the order of [`GrantReader::grants`].
    async fn held(&mut self, tenant: TenantId, user: UserId) -> Result<Vec<HeldGrant>, StorageFailure>;

    /// Returns these targets, and `None` for each that does not exist. Locks them, so that none is deleted before
    /// the commit.
    async fn resolve(
        &mut self,
        tenant: TenantId,
        targets: &[TargetName],
    ) -> Result<Vec<Option<GrantTarget>>, StorageFailure>;

    /// Locks users in order of id, and returns the grants of those that exist.
    async fn lock_users(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
    ) -> Result<Vec<(UserId, Grants)>, StorageFailure>;

    /// Gives grants to users, who must be locked. A grant that a user has already is kept as it is.
    async fn grant(
        &mut self,
        tenant: TenantId,
        grants: &[(UserId, Grant)],
        by: Option<UserId>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Takes grants from a user, who must be locked.
    async fn revoke(
        &mut self,
        tenant: TenantId,
        user: UserId,
        grants: &[GrantId],
    ) -> Result<(), StorageFailure>;

    /// Returns those of these teams that are active and that no active user leads, by name.
    async fn leaderless(
        &mut self,
        tenant: TenantId,
        teams: &[TeamId],
    ) -> Result<Vec<NamedRef>, StorageFailure>;

    /// Returns true if the tenant has another active administrator than this user. Locks all others, so that they
    /// remain administrators until the commit.
    async fn has_other_admin(&mut self, tenant: TenantId, user: UserId) -> Result<bool, StorageFailure>;
}
