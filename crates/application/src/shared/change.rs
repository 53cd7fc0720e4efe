//! The first steps of a change: the check of the caller and the idempotency key.

use haat_domain::auth::Grant;
use haat_domain::change::{CallerCheck, ChangeTx, StoredResponse};
use haat_domain::shared::{BeginTransaction, StorageFailure};

use super::{Actor, Allowed, ChangeError, WriteOptions, before};

/// The transaction of a change, or the response stored by an earlier execution.
pub(crate) enum Started<Tx: ?Sized> {
    /// The change has to be executed in this transaction.
    Execute(Box<Tx>),
    /// The change was executed earlier.
    Replay(StoredResponse),
}

/// Begins a transaction and checks the caller again.
pub(crate) async fn begin_as<P, Tx: ChangeTx + ?Sized>(
    db: &dyn BeginTransaction<Tx>,
    allowed: &Allowed<P>,
) -> Result<Box<Tx>, ChangeError> {
    let mut tx = db.begin().await?;
    match tx.caller().check(&allowed.caller()).await? {
        CallerCheck::Ok => Ok(tx),
        CallerCheck::Ended => Err(ChangeError::CallerEnded),
        CallerCheck::Changed => Err(ChangeError::CallerChanged),
    }
}

/// Begins a transaction, checks the caller again and claims the idempotency key. A stored response is returned only if `in_scope`
/// returns true for it: its object may have left the caller's scope.
pub(crate) async fn begin<P, Tx: ChangeTx + ?Sized>(
    db: &dyn BeginTransaction<Tx>,
    allowed: &Allowed<P>,
    write_options: &WriteOptions,
    in_scope: impl AsyncFnOnce(&mut Tx, &StoredResponse) -> Result<bool, StorageFailure>,
) -> Result<Started<Tx>, ChangeError> {
    let mut tx = begin_as(db, allowed).await?;
    // A dry run neither replays a stored response nor claims the key.
    let idempotent_request =
        write_options.idempotent_request.as_ref().filter(|_| !write_options.validate_only);
    if let Some(idempotent_request) = idempotent_request {
        let claim = tx.stored_responses().claim(allowed.tenant, allowed.user, idempotent_request).await?;
        if let Some(before) = before(claim) {
            let is_in_scope = match &before {
                Ok(stored_response) => in_scope(&mut *tx, stored_response).await,
                Err(_) => Ok(true),
            };
            tx.roll_back().await;
            return if is_in_scope? { Ok(Started::Replay(before?)) } else { Err(ChangeError::NotFound) };
        }
    }
    Ok(Started::Execute(tx))
}

impl Actor {
    /// Checks that the caller may give these grants, or act on a user who has them.
    ///
    /// # Errors
    /// [`ChangeError::Forbidden`].
    pub(crate) fn check_grants(&self, grants: impl IntoIterator<Item = Grant>) -> Result<(), ChangeError> {
        if grants.into_iter().all(|grant| self.may_grant(grant)) {
            Ok(())
        } else {
            Err(ChangeError::Forbidden)
        }
    }
}
