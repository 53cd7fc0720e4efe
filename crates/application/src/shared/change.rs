//! What every change of the office has in common: who may, once, and for good or on trial.

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditEntry, Snapshot};
use haat_domain::identity::Role;
use haat_domain::shared::{Begin, ChangeTx, Once, Receipt, StorageFailure, TenantId, UserId};

use super::{Actor, Done, OnceError, Permission, before};

/// How a change is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The request, for the audit log.
    pub request_id: String,
    /// If given, the name under which it is done once.
    pub once: Option<Once>,
    /// Whether to tell what would happen and do nothing.
    pub validate_only: bool,
}

/// Why a change was not even begun, or not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The caller may not do this.
    #[error("the caller may not do this")]
    Forbidden,
    /// The caller may not act any more.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// It is to be done once, and cannot be done now.
    #[error(transparent)]
    Once(#[from] OnceError),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// A transaction in which to make the change, or the receipt of when it was made before.
pub(crate) enum Begun<Tx: ?Sized> {
    /// To be made now.
    Now(Box<Tx>),
    /// Made before.
    Before(Receipt),
}

/// Checks the caller and takes the key.
pub(crate) async fn begin<Tx: ChangeTx + ?Sized>(
    db: &dyn Begin<Tx>,
    actor: &Actor,
    permission: Permission,
    change: &Change,
) -> Result<Begun<Tx>, ChangeError> {
    actor.check(permission)?;
    let mut tx = db.begin().await?;
    if !tx.caller().may_act(&actor.caller()).await? {
        return Err(ChangeError::CallerEnded);
    }
    if let Some(once) = &change.once {
        let claim = tx.receipts().claim(actor.tenant, actor.user, once).await?;
        if let Some(before) = before(claim) {
            tx.roll_back().await;
            return Ok(Begun::Before(before?));
        }
    }
    Ok(Begun::Now(tx))
}

/// Keeps the receipt and commits; a trial is rolled back.
pub(crate) async fn finish<Tx: ChangeTx + ?Sized>(
    mut tx: Box<Tx>,
    actor: &Actor,
    change: &Change,
    receipt: impl FnOnce() -> Receipt,
) -> Result<(), ChangeError> {
    if change.validate_only {
        tx.roll_back().await;
        return Ok(());
    }
    if let Some(once) = &change.once {
        tx.receipts().keep(actor.tenant, actor.user, once, &receipt()).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends the transaction of a change: keeps what has become of it, or takes all of it back.
pub(crate) async fn close<Tx: ChangeTx + ?Sized, T, E: From<ChangeError>>(
    tx: Box<Tx>,
    actor: &Actor,
    change: &Change,
    outcome: Result<T, E>,
    receipt: impl FnOnce(&T) -> Receipt,
) -> Result<Done<T>, E> {
    match outcome {
        Ok(outcome) => {
            finish(tx, actor, change, || receipt(&outcome)).await?;
            Ok(Done::Now(outcome))
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

impl Actor {
    /// Refuses a caller who may not do this.
    ///
    /// # Errors
    /// [`ChangeError::Forbidden`].
    pub fn check(&self, permission: Permission) -> Result<(), ChangeError> {
        if self.may(permission) { Ok(()) } else { Err(ChangeError::Forbidden) }
    }

    /// Refuses a caller who would give this role, or power over somebody who has it, without having all that it may.
    ///
    /// # Errors
    /// [`ChangeError::Forbidden`].
    pub(crate) fn check_role(&self, role: Role) -> Result<(), ChangeError> {
        if self.may_grant(role) { Ok(()) } else { Err(ChangeError::Forbidden) }
    }
}

/// What was changed of which thing.
pub(crate) struct Changed {
    /// `entity.verb`.
    pub(crate) action: &'static str,
    /// Which kind of thing.
    pub(crate) entity: &'static str,
    /// Which one.
    pub(crate) id: String,
    /// What it was; none for something new.
    pub(crate) before: Option<Snapshot>,
    /// What it is; none for something gone.
    pub(crate) after: Option<Snapshot>,
}

impl Changed {
    /// The line of the audit log.
    pub(crate) fn by(self, actor: &Actor, change: &Change, at: DateTime<Utc>) -> AuditEntry {
        self.entry(actor.tenant, Some((actor.user, actor.role)), &change.request_id, at)
    }

    /// The same of the operator at the command line.
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
