use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditAction, AuditEntry, Snapshot};
use haat_domain::shared::{Role, TenantId, UserId};

use super::{Actor, WriteOptions};

/// A change of an entity, for the audit log.
pub(crate) struct AuditedChange {
    /// The action.
    pub(crate) action: AuditAction,
    /// The id of the entity.
    pub(crate) id: String,
    /// The values before; `None` for a created entity.
    pub(crate) before: Option<Snapshot>,
    /// The values after; `None` for a deleted entity.
    pub(crate) after: Option<Snapshot>,
}

impl AuditedChange {
    /// Describes the creation of an entity.
    pub(crate) const fn created(action: AuditAction, id: String, after: Snapshot) -> Self {
        Self { action, id, before: None, after: Some(after) }
    }

    /// Describes an update of an entity.
    pub(crate) const fn updated(action: AuditAction, id: String, before: Snapshot, after: Snapshot) -> Self {
        Self { action, id, before: Some(before), after: Some(after) }
    }

    /// Describes the deletion of an entity.
    pub(crate) const fn deleted(action: AuditAction, id: String, before: Snapshot) -> Self {
        Self { action, id, before: Some(before), after: None }
    }

    /// Describes an event of an entity that changes no audited value.
    pub(crate) const fn event(action: AuditAction, id: String) -> Self {
        Self { action, id, before: None, after: None }
    }

    /// Returns the audit entry of a change by a user.
    pub(crate) fn by(self, actor: &Actor, write_options: &WriteOptions, at: DateTime<Utc>) -> AuditEntry {
        self.in_request(actor, &write_options.request_id, at)
    }

    /// Returns the audit entry of a change by a user in a request without write options.
    pub(crate) fn in_request(self, actor: &Actor, request_id: &str, at: DateTime<Utc>) -> AuditEntry {
        self.entry(actor.tenant, Some((actor.user, actor.role)), request_id, at)
    }

    /// Returns the audit entry of a change by the operator at the command line.
    pub(crate) fn by_operator(self, tenant: TenantId, request_id: &str, at: DateTime<Utc>) -> AuditEntry {
        self.entry(tenant, None, request_id, at)
    }

    fn entry(
        self,
        tenant: TenantId,
        actor: Option<(UserId, Role)>,
        request_id: &str,
        at: DateTime<Utc>,
    ) -> AuditEntry {
        AuditEntry {
            tenant,
            at,
            actor,
            action: self.action,
            entity_id: Some(self.id),
            before: self.before,
            after: self.after,
            request_id: Some(request_id.to_owned()),
            batch: None,
        }
    }
}

/// The result of a change, with its audit entries. [`Changes::run`](super::Changes::run) accepts nothing else, so every
/// change has audit entries or states explicitly that nothing changed.
#[must_use]
pub(crate) struct Audited<T> {
    pub(super) value: T,
    pub(super) changes: Vec<AuditedChange>,
}

impl<T> Audited<T> {
    /// Returns the result of one change.
    pub(crate) fn new(value: T, change: AuditedChange) -> Self {
        Self { value, changes: vec![change] }
    }

    /// Adds another change.
    pub(crate) fn and(mut self, change: AuditedChange) -> Self {
        self.changes.push(change);
        self
    }

    /// Returns the changes without the result.
    pub(crate) fn into_changes(self) -> Vec<AuditedChange> {
        self.changes
    }

    /// Returns the result of a change whose audit entries are written by the statement that makes it.
    pub(crate) const fn recorded(value: T) -> Self {
        Self::unchanged(value)
    }

    /// Returns the result of a request that changed nothing, because the requested state is the current one.
    pub(crate) const fn unchanged(value: T) -> Self {
        Self { value, changes: Vec::new() }
    }
}
