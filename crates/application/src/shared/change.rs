//! The steps that changes share: permission check, idempotency, dry run and audit.

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditEntry, Snapshot};
use haat_domain::identity::Role;
use haat_domain::shared::{
    BeginTransaction, ChangeTx, IdempotentRequest, StorageFailure, StoredResponse, TenantId, UserId,
};

use super::{Actor, IdempotencyError, Idempotent, Permission, before};

/// Options of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The request id, for the audit log.
    pub request_id: String,
    /// The idempotency key and its request; `None` without a key.
    pub idempotent_request: Option<IdempotentRequest>,
    /// Validates and returns the result without saving.
    pub validate_only: bool,
}

/// Reasons why a change was not started or not committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The caller may no longer act.
    #[error("the caller may no longer act")]
    CallerEnded,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// The transaction of a change, or the response stored by an earlier execution.
pub(crate) enum Started<Tx: ?Sized> {
    /// The change has to be executed in this transaction.
    Execute(Box<Tx>),
    /// The change was executed earlier.
    Replay(StoredResponse),
}

/// Checks the permission, begins a transaction, checks the caller and claims the idempotency key.
pub(crate) async fn begin<Tx: ChangeTx + ?Sized>(
    db: &dyn BeginTransaction<Tx>,
    actor: &Actor,
    permission: Permission,
    write_options: &WriteOptions,
) -> Result<Started<Tx>, ChangeError> {
    actor.check(permission)?;
    let mut tx = db.begin().await?;
    if !tx.caller().may_act(&actor.caller()).await? {
        return Err(ChangeError::CallerEnded);
    }
    if let Some(idempotent_request) = &write_options.idempotent_request {
        let claim = tx.stored_responses().claim(actor.tenant, actor.user, idempotent_request).await?;
        if let Some(before) = before(claim) {
            tx.roll_back().await;
            return Ok(Started::Replay(before?));
        }
    }
    Ok(Started::Execute(tx))
}

/// Saves the stored response and commits. A dry run is rolled back.
pub(crate) async fn finish<Tx: ChangeTx + ?Sized>(
    mut tx: Box<Tx>,
    actor: &Actor,
    write_options: &WriteOptions,
    stored_response: impl FnOnce() -> StoredResponse,
) -> Result<(), ChangeError> {
    if write_options.validate_only {
        tx.roll_back().await;
        return Ok(());
    }
    if let Some(idempotent_request) = &write_options.idempotent_request {
        tx.stored_responses().save(actor.tenant, actor.user, idempotent_request, &stored_response()).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends the transaction of a change: finishes it on success and rolls it back on an error.
pub(crate) async fn close<Tx: ChangeTx + ?Sized, T, E: From<ChangeError>>(
    tx: Box<Tx>,
    actor: &Actor,
    write_options: &WriteOptions,
    outcome: Result<T, E>,
    stored_response: impl FnOnce(&T) -> StoredResponse,
) -> Result<Idempotent<T>, E> {
    match outcome {
        Ok(outcome) => {
            finish(tx, actor, write_options, || stored_response(&outcome)).await?;
            Ok(Idempotent::Executed(outcome))
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

impl Actor {
    /// Checks that the caller has the permission.
    ///
    /// # Errors
    /// [`ChangeError::Forbidden`].
    pub fn check(&self, permission: Permission) -> Result<(), ChangeError> {
        if self.may(permission) { Ok(()) } else { Err(ChangeError::Forbidden) }
    }

    /// Checks that the caller may grant this role, or act on a user with it: the caller needs every
    /// permission of the role.
    ///
    /// # Errors
    /// [`ChangeError::Forbidden`].
    pub(crate) fn check_role(&self, role: Role) -> Result<(), ChangeError> {
        if self.may_grant(role) { Ok(()) } else { Err(ChangeError::Forbidden) }
    }
}

/// A change of an entity, for the audit log.
pub(crate) struct AuditedChange {
    /// The action, as `entity.verb`.
    pub(crate) action: &'static str,
    /// The kind of the entity.
    pub(crate) entity: &'static str,
    /// The id of the entity.
    pub(crate) id: String,
    /// The values before; `None` for a created entity.
    pub(crate) before: Option<Snapshot>,
    /// The values after; `None` for a deleted entity.
    pub(crate) after: Option<Snapshot>,
}

impl AuditedChange {
    /// Returns the audit entry of a change by a user.
    pub(crate) fn by(self, actor: &Actor, write_options: &WriteOptions, at: DateTime<Utc>) -> AuditEntry {
        self.entry(actor.tenant, Some((actor.user, actor.role)), &write_options.request_id, at)
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
            entity: self.entity,
            entity_id: Some(self.id),
            before: self.before,
            after: self.after,
            request_id: Some(request_id.to_owned()),
            batch: None,
        }
    }
}
