use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditAction;
use haat_domain::auth::{Grant, GrantTarget, Grants};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{AreaId, Role, TeamId, UserId};
use haat_domain::team::{MemberChange, NewTeam, Team, TeamName, TeamTx};

use super::members::place;
use super::refusals::{TeamError, in_another_team, name_taken, unknown_users};
use super::snapshot::snapshot;
use super::teams::{covers, home};
use crate::people::{PersonError, grants_changed};
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, ManageTeams, Permission, Rendered, WriteOptions,
};

/// A team to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTeamInput {
    /// The name.
    pub name: TeamName,
    /// The home area.
    pub area: Option<AreaId>,
    /// The users who lead the team: each gets the role `team_leader` for it.
    pub leaders: Vec<UserId>,
    /// The members. None of them may be in another team.
    pub members: Vec<UserId>,
}

/// Creates teams.
pub struct CreateTeam {
    changes: Changes<dyn TeamTx>,
}

impl CreateTeam {
    /// Builds the use case.
    #[must_use]
    pub const fn new(changes: Changes<dyn TeamTx>) -> Self {
        Self { changes }
    }

    /// Creates a team. The caller's scope must cover its home area. The id from a dry run is meaningless.
    ///
    /// # Errors
    /// [`TeamError`]; `Forbidden` for `leaders` without the permission to grant roles. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ManageTeams>,
        input: &CreateTeamInput,
        options: &WriteOptions,
        render: impl FnOnce(&Team) -> Rendered,
    ) -> Result<StoredResponse, TeamError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, stored| match stored.created() {
                    Some(id) => covers(tx, tenant, &targets, TeamId::new(id)).await,
                    None => Ok(true),
                },
                render,
                async |tx, at| {
                    tx.teams().hold_map(tenant).await?;
                    home(tx, tenant, &targets, input.area).await?;
                    let team = NewTeam { name: input.name.clone(), area: input.area, created_at: at };
                    let id = tx.teams().insert(tenant, &team).await?.ok_or_else(name_taken)?;
                    // All users at once, so that they are locked in order of id.
                    let users: BTreeSet<UserId> =
                        input.leaders.iter().chain(&input.members).copied().collect();
                    let users: Vec<UserId> = users.into_iter().collect();
                    let held = if users.is_empty() {
                        Vec::new()
                    } else {
                        tx.grants().lock_users(tenant, &users).await?
                    };
                    let granted =
                        add_leaders(tx, allowed, (id, &input.leaders), held.into_iter().collect(), at)
                            .await?;
                    let joined = add_members(tx, allowed, (id, &input.members), at).await?;
                    let team = tx.teams().current(tenant, id).await?.ok_or(ChangeError::NotFound)?;
                    let created =
                        AuditedChange::created(AuditAction::TeamCreate, id.to_string(), snapshot(&team));
                    let changes = granted.into_iter().chain(joined.into_changes());
                    Ok(changes.fold(Audited::new(team, created), Audited::and))
                },
            )
            .await
    }
}

/// Gives the role `team_leader` to locked users with these grants. Returns the changes for the audit log.
async fn add_leaders(
    tx: &mut dyn TeamTx,
    allowed: &Allowed<ManageTeams>,
    (team, leaders): (TeamId, &[UserId]),
    held: BTreeMap<UserId, Grants>,
    at: DateTime<Utc>,
) -> Result<Vec<AuditedChange>, TeamError> {
    let Some(grant) =
        Grant::new(Role::TeamLeader, Some(GrantTarget::Team(team))).filter(|_| !leaders.is_empty())
    else {
        return Ok(Vec::new());
    };
    if !allowed.has(Permission::GrantRoles) {
        return Err(ChangeError::Forbidden.into());
    }
    if leaders.contains(&allowed.user) {
        return Err(PersonError::CannotChangeOwnRoles.into());
    }
    let unknown: Vec<i64> = leaders.iter().filter(|id| !held.contains_key(id)).map(|id| id.get()).collect();
    if !unknown.is_empty() {
        return Err(unknown_users("leaders", unknown).into());
    }
    let mut audited = Vec::new();
    let mut given = Vec::new();
    for (user, grants) in held.into_iter().filter(|(user, _)| leaders.contains(user)) {
        let before: Vec<Grant> = grants.iter().collect();
        let after: Vec<Grant> = before.iter().copied().chain([grant]).collect();
        allowed.check_grants(after.iter().copied())?;
        if !Grant::are_compatible(&after) {
            return Err(PersonError::IncompatibleRoles.into());
        }
        audited.push(grants_changed(AuditAction::UserGrant, user, &before, &after));
        given.push((user, grant));
    }
    tx.grants().grant(allowed.tenant, &given, Some(allowed.user), at).await?;
    Ok(audited)
}

/// Adds locked users who have no team.
async fn add_members(
    tx: &mut dyn TeamTx,
    allowed: &Allowed<ManageTeams>,
    (team, members): (TeamId, &[UserId]),
    at: DateTime<Utc>,
) -> Result<Audited<MemberChange>, TeamError> {
    if members.is_empty() {
        return Ok(Audited::unchanged(MemberChange::default()));
    }
    let tenant = allowed.tenant;
    tx.teams().lock_members(tenant, members).await?;
    let candidates = tx.teams().candidates(tenant, members).await?;
    let change = MemberChange::of(team, members, candidates, &allowed.targets());
    if !change.not_found.is_empty() {
        return Err(unknown_users("members", change.not_found.iter().map(|id| id.get())).into());
    }
    if !change.moved.is_empty() {
        return Err(in_another_team("members", &change.moved));
    }
    place(tx, allowed, (team, change), at).await
}
