//! The grants of a user: which roles they have, and for which targets.

use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{Grant, GrantTarget};
use haat_domain::change::StoredResponse;
use haat_domain::people::{GrantId, GrantReader, HeldGrant, PeopleTx, Person, RequestedGrant, TargetName};
use haat_domain::shared::{Role, Targets, TeamId, TenantId, UserId};
use haat_domain::territory::NamedRef;

use super::refusals::PersonError;
use super::snapshot::grants_changed;
use crate::shared::{
    Allowed, Audited, ChangeError, Changes, FieldError, GrantRoles, ReadError, Rendered, Text, WriteOptions,
};

/// The grants of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserGrants {
    /// The grants, the highest role first.
    pub grants: Vec<HeldGrant>,
    /// The version of the user.
    pub version: i64,
}

/// The grants of a user after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedGrants {
    /// The grants.
    pub roles: UserGrants,
    /// The teams that the change left without an active leader, by name.
    pub leaderless_teams: Vec<NamedRef>,
}

/// A requested change of the grants of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// Adds these grants to the current ones.
    Add(Vec<RequestedGrant>),
    /// Replaces the current grants with these.
    Replace(Vec<RequestedGrant>),
    /// Removes one grant.
    Remove(GrantId),
}

/// Reads and changes the grants of users.
pub struct UserRoles {
    reader: Arc<dyn GrantReader>,
    changes: Changes<dyn PeopleTx>,
}

impl UserRoles {
    /// Builds the use cases.
    #[must_use]
    pub fn new(reader: Arc<dyn GrantReader>, changes: Changes<dyn PeopleTx>) -> Self {
        Self { reader, changes }
    }

    /// Returns the grants of a user.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn list(&self, allowed: &Allowed<GrantRoles>, user: UserId) -> Result<UserGrants, ReadError> {
        let found = self.reader.grants(allowed.tenant, user).await?;
        found.map(|(grants, version)| UserGrants { grants, version }).ok_or(ReadError::NotFound)
    }

    /// Changes the grants of a user. The caller must be allowed to give every grant that the user has before or after the
    /// change.
    ///
    /// # Errors
    /// [`PersonError`]. Nothing is changed on an error.
    pub async fn change(
        &self,
        allowed: &Allowed<GrantRoles>,
        user: UserId,
        change: &GrantChange,
        options: &WriteOptions,
        render: impl FnOnce(&ChangedGrants) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        let (tenant, targets) = (allowed.tenant, allowed.targets());
        self.changes
            .run(allowed, options, render, async |tx, at| {
                if user == allowed.user {
                    return Err(PersonError::CannotChangeOwnRoles);
                }
                // Targets are locked before the user, see docs/ARCHITECTURE.md.
                let requested = match change {
                    GrantChange::Add(requested) | GrantChange::Replace(requested) => {
                        resolve(tx, tenant, requested, &targets).await?
                    }
                    GrantChange::Remove(_) => Vec::new(),
                };
                let person = tx.users().lock(tenant, None, user).await?.ok_or(ChangeError::NotFound)?;
                options.check_version(person.version)?;
                let held = tx.grants().held(tenant, user).await?;
                let (added, removed) = difference(&held, requested, change)?;
                if added.is_empty() && removed.is_empty() {
                    let roles = UserGrants { grants: held, version: person.version };
                    return Ok(Audited::unchanged(ChangedGrants { roles, leaderless_teams: Vec::new() }));
                }
                let remaining: Vec<HeldGrant> =
                    held.iter().filter(|held| !removed.contains(&held.id)).cloned().collect();
                let result: Vec<Grant> =
                    remaining.iter().map(|held| held.grant).chain(added.iter().copied()).collect();
                allowed.check_grants(held.iter().map(|held| held.grant).chain(added.iter().copied()))?;
                if !Grant::are_compatible(&result) {
                    return Err(PersonError::IncompatibleRoles);
                }
                check_last_admin(tx, &person, &result).await?;
                tx.grants().revoke(tenant, user, &removed).await?;
                let given: Vec<_> = added.iter().map(|grant| (user, *grant)).collect();
                tx.grants().grant(tenant, &given, Some(allowed.user), at).await?;
                let after = tx.grants().held(tenant, user).await?;
                let version =
                    tx.users().lock(tenant, None, user).await?.ok_or(ChangeError::NotFound)?.version;
                let change = |action, before: &[HeldGrant], after: &[HeldGrant]| {
                    let grants = |held: &[HeldGrant]| held.iter().map(|held| held.grant).collect::<Vec<_>>();
                    grants_changed(action, user, &grants(before), &grants(after))
                };
                let led: Vec<TeamId> = held
                    .iter()
                    .filter(|held| person.user.active && removed.contains(&held.id))
                    .filter_map(|held| held.grant.team())
                    .collect();
                let leaderless_teams = leaderless(tx, tenant, &led).await?;
                let roles = UserGrants { grants: after.clone(), version };
                let mut audited = Audited::unchanged(ChangedGrants { roles, leaderless_teams });
                if !removed.is_empty() {
                    audited = audited.and(change(AuditAction::UserRevoke, &held, &remaining));
                }
                if !added.is_empty() {
                    audited = audited.and(change(AuditAction::UserGrant, &remaining, &after));
                }
                Ok(audited)
            })
            .await
    }
}

/// Returns the grants that a change adds and the ids of those that it removes.
fn difference(
    held: &[HeldGrant],
    requested: Vec<Grant>,
    change: &GrantChange,
) -> Result<(Vec<Grant>, Vec<GrantId>), ChangeError> {
    let removed = match change {
        GrantChange::Add(_) => Vec::new(),
        GrantChange::Replace(_) => {
            held.iter().filter(|held| !requested.contains(&held.grant)).map(|held| held.id).collect()
        }
        GrantChange::Remove(id) => {
            let known = held.iter().find(|held| held.id == *id);
            vec![known.ok_or(ChangeError::NotFound)?.id]
        }
    };
    let mut added = requested;
    added.retain(|grant| held.iter().all(|held| held.grant != *grant));
    added.sort_unstable();
    added.dedup();
    Ok((added, removed))
}

/// Looks up the targets of requested grants and locks them. `covered` are those of the caller's permission.
///
/// # Errors
/// [`PersonError::UnknownTargets`] with every target that does not exist or is out of scope.
pub(super) async fn resolve(
    tx: &mut dyn PeopleTx,
    tenant: TenantId,
    requested: &[RequestedGrant],
    covered: &Targets,
) -> Result<Vec<Grant>, PersonError> {
    let is_covered = |name: &TargetName| match name {
        TargetName::Id(target) => target.is_among(covered),
        // Only tenant-wide roles grant roles for retailers.
        TargetName::Retailer(_) => covered.all,
    };
    let names: Vec<TargetName> =
        requested.iter().filter_map(|grant| grant.target.clone()).filter(is_covered).collect();
    let mut found =
        if names.is_empty() { Vec::new() } else { tx.grants().resolve(tenant, &names).await? }.into_iter();
    let mut unknown = Vec::new();
    let mut resolved = Vec::with_capacity(requested.len());
    for RequestedGrant { role, target } in requested {
        let target: Option<GrantTarget> = match target {
            None => None,
            Some(name) => {
                let target = if is_covered(name) { found.next().flatten() } else { None };
                let Some(target) = target else {
                    unknown.push(unknown_target(name));
                    continue;
                };
                Some(target)
            }
        };
        // The reader of the request has checked the kind of the target.
        let grant = Grant::new(*role, target).ok_or_else(|| {
            PersonError::Broken(format!("a grant of {} with another kind of target", role.as_str()))
        })?;
        resolved.push(grant);
    }
    if unknown.is_empty() { Ok(resolved) } else { Err(PersonError::UnknownTargets(unknown)) }
}

/// The same for a target that does not exist and for one out of scope.
fn unknown_target(name: &TargetName) -> FieldError {
    let (kind, id) = match name {
        TargetName::Id(target) => (target.kind().as_str(), target.id().to_string()),
        TargetName::Retailer(uid) => ("retailer", uid.as_str().to_owned()),
    };
    let message = Text::new(format!("no {kind} has this id: {id}"), format!("এই আইডির কিছু পাওয়া যায়নি: {id}"));
    FieldError::new("roles", "not-found", message)
}

/// Returns those of these teams that no active user leads now: those that a change has left without a leader, if an active user
/// led them before.
pub(super) async fn leaderless(
    tx: &mut dyn PeopleTx,
    tenant: TenantId,
    led: &[TeamId],
) -> Result<Vec<NamedRef>, ChangeError> {
    if led.is_empty() { Ok(Vec::new()) } else { Ok(tx.grants().leaderless(tenant, led).await?) }
}

/// Checks that an active administrator remains if a locked user is left with these grants, and locks the others.
///
/// # Errors
/// [`PersonError::LastAdmin`].
pub(super) async fn check_last_admin(
    tx: &mut dyn PeopleTx,
    person: &Person,
    result: &[Grant],
) -> Result<(), PersonError> {
    let is_admin = |grant: Grant| grant.role() == Role::Admin;
    let was_admin = person.user.active && person.user.grants.iter().any(is_admin);
    if !was_admin || result.iter().copied().any(is_admin) {
        return Ok(());
    }
    if tx.grants().has_other_admin(person.user.tenant, person.user.id).await? {
        Ok(())
    } else {
        Err(PersonError::LastAdmin)
    }
}
