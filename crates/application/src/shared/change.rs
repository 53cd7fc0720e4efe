//! The steps that changes share: permission check, idempotency, dry run and audit.

use haat_domain::change::{ChangeTx, StoredResponse};
use haat_domain::shared::{BeginTransaction, Role};

use super::{Actor, ChangeError, Permission, WriteOptions, before};

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
