use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Member, NewTeam, Team, TeamCandidate, TeamQuery};
use crate::change::ChangeTx;
use crate::people::GrantWriter;
use crate::shared::{
    AreaId, NameKey, Page, PageRequest, RegionId, StorageFailure, Targets, TeamId, TenantId, UserId,
};
use crate::territory::NamedRef;

/// Reads teams. `targets` are those of the caller's permission; a team outside them is not found.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TeamReader: Send + Sync {
    /// Returns the team with this id.
    async fn find(
        &self,
        tenant: TenantId,
        targets: &Targets,
        id: TeamId,
    ) -> Result<Option<Team>, StorageFailure>;

    /// Returns a page of teams, by name.
    async fn list(
        &self,
        tenant: TenantId,
        targets: &Targets,
        query: &TeamQuery,
        page: &PageRequest<NameKey<TeamId>>,
    ) -> Result<Page<Team, NameKey<TeamId>>, StorageFailure>;

    /// Returns a page of the members of a team, by name.
    async fn members(
        &self,
        tenant: TenantId,
        team: TeamId,
        page: &PageRequest<NameKey<UserId>>,
    ) -> Result<Page<Member, NameKey<UserId>>, StorageFailure>;
}

/// Reads which users are in which teams.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RosterReader: Send + Sync {
    /// Returns the members of these teams, as they are now.
    async fn members_of(&self, tenant: TenantId, teams: &[TeamId]) -> Result<Vec<UserId>, StorageFailure>;
}

/// Changes teams inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TeamWriter: Send {
    /// Prevents changes of the sales map until the commit, so that the regions of home areas stay the same. Must be called
    /// before any other method.
    async fn hold_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure>;

    /// Returns an area and its region.
    async fn home(
        &mut self,
        tenant: TenantId,
        area: AreaId,
    ) -> Result<Option<(NamedRef, RegionId)>, StorageFailure>;

    /// Adds a team; `None` if an active team has the name.
    async fn insert(&mut self, tenant: TenantId, team: &NewTeam) -> Result<Option<TeamId>, StorageFailure>;

    /// Locks teams in order of id until the commit.
    async fn lock(&mut self, tenant: TenantId, teams: &[TeamId]) -> Result<(), StorageFailure>;

    /// Returns the current state of a team.
    async fn current(&mut self, tenant: TenantId, id: TeamId) -> Result<Option<Team>, StorageFailure>;

    /// Stores name and home area of a locked team and raises its version; false if another active team has the name.
    async fn update(
        &mut self,
        tenant: TenantId,
        team: &Team,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure>;

    /// Closes a locked team without members and raises its version.
    async fn close(&mut self, tenant: TenantId, id: TeamId, at: DateTime<Utc>) -> Result<(), StorageFailure>;

    /// Returns those of these users who are staff, with their present teams.
    async fn candidates(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
    ) -> Result<Vec<TeamCandidate>, StorageFailure>;

    /// Locks users and their memberships, each in order of id, until the commit.
    async fn lock_members(&mut self, tenant: TenantId, users: &[UserId]) -> Result<(), StorageFailure>;

    /// Makes locked users members of a team, or of none. Ends and records their present memberships, and raises the versions
    /// of the teams that they leave or join; all of these must be locked.
    async fn place(
        &mut self,
        tenant: TenantId,
        users: &[UserId],
        team: Option<TeamId>,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;
}

/// The view of a transaction for the use cases of teams.
pub trait TeamTx: ChangeTx {
    /// Returns the teams.
    fn teams(&mut self) -> &mut dyn TeamWriter;

    /// Returns the grants.
    fn grants(&mut self) -> &mut dyn GrantWriter;
}
