use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{NameKey, Page, PageRequest, StorageFailure, Targets, TeamId, TenantId, UserId};
use haat_domain::team::{Member, MemberChange, TeamCandidate, TeamReader, TeamTx};

use super::refusals::{TeamError, in_another_team};
use super::snapshot::{joined, left};
use super::teams::{covers, current};
use crate::shared::{
    Allowed, Audited, ChangeError, Changes, ManageTeams, ReadError, ReadTeams, Rendered, WriteOptions,
};

/// Reads and changes the members of the teams in the caller's scope. A user is a member of at most one team.
pub struct TeamMembers {
    reader: Arc<dyn TeamReader>,
    changes: Changes<dyn TeamTx>,
}

impl TeamMembers {
    /// Builds the use cases.
    #[must_use]
    pub fn new(reader: Arc<dyn TeamReader>, changes: Changes<dyn TeamTx>) -> Self {
        Self { reader, changes }
    }

    /// Returns a page of the members of a team, by name.
    pub async fn list(
        &self,
        allowed: &Allowed<ReadTeams>,
        team: TeamId,
        page: &PageRequest<NameKey<UserId>>,
    ) -> Result<Page<Member, NameKey<UserId>>, ReadError> {
        let found = self.reader.find(allowed.tenant, &allowed.targets(), team).await?;
        if found.is_none() {
            return Err(ReadError::NotFound);
        }
        Ok(self.reader.members(allowed.tenant, team, page).await?)
    }

    /// Adds users to a team. Users of other teams are moved if `moves` is true, and refused otherwise. The caller's scope must
    /// cover the team and the teams from which the users come.
    ///
    /// # Errors
    /// [`TeamError`]. Nothing is changed on an error.
    pub async fn add(
        &self,
        allowed: &Allowed<ManageTeams>,
        team: TeamId,
        (users, moves): (&[UserId], bool),
        options: &WriteOptions,
        render: impl FnOnce(&MemberChange) -> Rendered,
    ) -> Result<StoredResponse, TeamError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| covers(tx, tenant, &targets, team).await,
                render,
                async |tx, at| {
                    tx.teams().hold_map(tenant).await?;
                    let expected = requested(tx, tenant, &targets, (team, users)).await?;
                    let origins = expected.moved.iter().filter_map(TeamCandidate::present_team);
                    let teams: BTreeSet<TeamId> = origins.chain([team]).collect();
                    tx.teams().lock(tenant, &teams.into_iter().collect::<Vec<_>>()).await?;
                    let before = current(tx, tenant, &targets, team).await?;
                    options.check_version(before.version)?;
                    tx.teams().lock_members(tenant, &expected.joining()).await?;
                    let change = requested(tx, tenant, &targets, (team, users)).await?;
                    if change != expected {
                        // A user has changed teams before the locks were taken. Their current team may not be locked.
                        let reason = "members of the teams have changed".to_owned();
                        return Err(StorageFailure::Contended(reason).into());
                    }
                    if !moves && !change.moved.is_empty() {
                        return Err(in_another_team("users", &change.moved));
                    }
                    place(tx, allowed, (team, change), at).await
                },
            )
            .await
    }

    /// Removes a user from a team.
    ///
    /// # Errors
    /// [`TeamError`]; `NotFound` if the user is not a member. Nothing is changed on an error.
    pub async fn remove(
        &self,
        allowed: &Allowed<ManageTeams>,
        (team, user): (TeamId, UserId),
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, TeamError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| covers(tx, tenant, &targets, team).await,
                render,
                async |tx, at| {
                    tx.teams().hold_map(tenant).await?;
                    tx.teams().lock(tenant, &[team]).await?;
                    let before = current(tx, tenant, &targets, team).await?;
                    options.check_version(before.version)?;
                    tx.teams().lock_members(tenant, &[user]).await?;
                    let found = tx.teams().candidates(tenant, &[user]).await?;
                    let member = found.into_iter().find(|found| found.present_team() == Some(team));
                    let member = member.ok_or(ChangeError::NotFound)?;
                    tx.teams().place(tenant, &[user], None, allowed.user, at).await?;
                    Ok(Audited::new((), left(team, &member)))
                },
            )
            .await
    }
}

/// Sorts users by what has to happen so that they are members of a team.
async fn requested(
    tx: &mut dyn TeamTx,
    tenant: TenantId,
    targets: &Targets,
    (team, users): (TeamId, &[UserId]),
) -> Result<MemberChange, StorageFailure> {
    let candidates = tx.teams().candidates(tenant, users).await?;
    Ok(MemberChange::of(team, users, candidates, targets))
}

/// Places locked users in a team.
pub(super) async fn place(
    tx: &mut dyn TeamTx,
    allowed: &Allowed<ManageTeams>,
    (team, change): (TeamId, MemberChange),
    at: DateTime<Utc>,
) -> Result<Audited<MemberChange>, TeamError> {
    let joining = change.joining();
    if joining.is_empty() {
        return Ok(Audited::unchanged(change));
    }
    tx.teams().place(allowed.tenant, &joining, Some(team), allowed.user, at).await?;
    let audited = joined(team, &change);
    Ok(audited.into_iter().fold(Audited::unchanged(change), Audited::and))
}
