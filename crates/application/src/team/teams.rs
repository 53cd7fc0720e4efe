use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::shared::{
    AreaId, NameKey, Page, PageRequest, RegionId, StorageFailure, Targets, TeamId, TenantId,
};
use haat_domain::team::{Team, TeamPatch, TeamQuery, TeamReader, TeamState, TeamTx};
use haat_domain::territory::{NamedRef, PlaceKind};

use super::refusals::{TeamError, area_required, name_taken};
use super::snapshot::snapshot;
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, ManageTeams, ReadError, ReadTeams, Rendered,
    WriteOptions,
};
use crate::territory::unknown_place;

/// Lists, gets, updates and closes the teams in the caller's scope.
pub struct Teams {
    reader: Arc<dyn TeamReader>,
    changes: Changes<dyn TeamTx>,
}

impl Teams {
    /// Builds the use cases.
    #[must_use]
    pub fn new(reader: Arc<dyn TeamReader>, changes: Changes<dyn TeamTx>) -> Self {
        Self { reader, changes }
    }

    /// Returns a page of teams, by name.
    pub async fn list(
        &self,
        allowed: &Allowed<ReadTeams>,
        query: &TeamQuery,
        page: &PageRequest<NameKey<TeamId>>,
    ) -> Result<Page<Team, NameKey<TeamId>>, StorageFailure> {
        self.reader.list(allowed.tenant, &allowed.targets(), query, page).await
    }

    /// Returns a team. One outside the caller's scope is not found.
    pub async fn get(&self, allowed: &Allowed<ReadTeams>, id: TeamId) -> Result<Team, ReadError> {
        let found = self.reader.find(allowed.tenant, &allowed.targets(), id).await?;
        found.ok_or(ReadError::NotFound)
    }

    /// Changes the name and the home area of a team. The caller's scope must cover the home area before and after the
    /// change.
    ///
    /// # Errors
    /// [`TeamError`]. Nothing is changed on an error.
    pub async fn update(
        &self,
        allowed: &Allowed<ManageTeams>,
        id: TeamId,
        patch: &TeamPatch,
        options: &WriteOptions,
        render: impl FnOnce(&Team) -> Rendered,
    ) -> Result<StoredResponse, TeamError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| covers(tx, tenant, &targets, id).await,
                render,
                async |tx, at| {
                    tx.teams().hold_map(tenant).await?;
                    let before = lock(tx, tenant, &targets, id).await?;
                    options.check_version(before.version)?;
                    let home = match patch.area {
                        None => None,
                        Some(area) => home(tx, tenant, &targets, area).await?,
                    };
                    let requested = before.patched(patch, home);
                    if requested == before {
                        return Ok(Audited::unchanged(before));
                    }
                    if !tx.teams().update(tenant, &requested, at).await? {
                        return Err(name_taken().into());
                    }
                    let after = tx.teams().current(tenant, id).await?.ok_or(ChangeError::NotFound)?;
                    let changed = AuditedChange::updated(
                        AuditAction::TeamUpdate,
                        id.to_string(),
                        snapshot(&before),
                        snapshot(&after),
                    );
                    Ok(Audited::new(after, changed))
                },
            )
            .await
    }

    /// Closes a team without members. A closed team keeps its history and frees its name.
    ///
    /// # Errors
    /// [`TeamError`]; `InUse` if the team has members. Nothing is changed on an error.
    pub async fn close(
        &self,
        allowed: &Allowed<ManageTeams>,
        id: TeamId,
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, TeamError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| covers(tx, tenant, &targets, id).await,
                render,
                async |tx, at| {
                    tx.teams().hold_map(tenant).await?;
                    let before = lock(tx, tenant, &targets, id).await?;
                    options.check_version(before.version)?;
                    if before.members > 0 {
                        return Err(ChangeError::InUse(vec![("members", before.members)]).into());
                    }
                    tx.teams().close(tenant, id, at).await?;
                    let after = Team { state: TeamState::Closed, ..before.clone() };
                    let closed = AuditedChange::updated(
                        AuditAction::TeamClose,
                        id.to_string(),
                        snapshot(&before),
                        snapshot(&after),
                    );
                    Ok(Audited::new((), closed))
                },
            )
            .await
    }
}

/// Returns true if a team, which may be closed, is in the caller's scope.
pub(super) async fn covers(
    tx: &mut dyn TeamTx,
    tenant: TenantId,
    targets: &Targets,
    id: TeamId,
) -> Result<bool, StorageFailure> {
    Ok(tx.teams().current(tenant, id).await?.is_some_and(|team| team.is_covered_by(targets)))
}

/// Locks an active team in the caller's scope.
///
/// # Errors
/// `NotFound` out of scope, [`TeamError::Closed`].
pub(super) async fn lock(
    tx: &mut dyn TeamTx,
    tenant: TenantId,
    targets: &Targets,
    id: TeamId,
) -> Result<Team, TeamError> {
    tx.teams().lock(tenant, &[id]).await?;
    current(tx, tenant, targets, id).await
}

/// Returns the state of a locked, active team in the caller's scope.
///
/// # Errors
/// `NotFound` out of scope, [`TeamError::Closed`].
pub(super) async fn current(
    tx: &mut dyn TeamTx,
    tenant: TenantId,
    targets: &Targets,
    id: TeamId,
) -> Result<Team, TeamError> {
    let found = tx.teams().current(tenant, id).await?;
    let team = found.filter(|team| team.is_covered_by(targets)).ok_or(ChangeError::NotFound)?;
    if team.state == TeamState::Closed { Err(TeamError::Closed) } else { Ok(team) }
}

/// Returns the home area of a team, which the caller's scope must cover.
///
/// # Errors
/// `Invalid` for an area that is unknown or out of scope, and for no area unless the caller's scope is the whole tenant.
pub(super) async fn home(
    tx: &mut dyn TeamTx,
    tenant: TenantId,
    targets: &Targets,
    area: Option<AreaId>,
) -> Result<Option<(NamedRef, RegionId)>, ChangeError> {
    let Some(area) = area else {
        return if targets.all { Ok(None) } else { Err(area_required()) };
    };
    let found = tx.teams().home(tenant, area).await?;
    let home = found.filter(|(_, region)| targets.covers_area(area, *region));
    home.map(Some).ok_or_else(|| unknown_place("area", PlaceKind::Area))
}
