use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditEntry;
use haat_domain::change::{ChangeTx, StoredResponse};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, TenantId};

use super::{
    Actor, Allowed, Audited, AuditedChange, ChangeError, PermissionType, Rendered, Started, WriteOptions,
    begin,
};

/// Runs the changes of a context: checks the caller again, claims the idempotency key, writes the audit entries,
/// stores the response, and commits, all in one transaction.
pub struct Changes<Tx: ?Sized> {
    db: Arc<dyn BeginTransaction<Tx>>,
    clock: Arc<dyn Clock>,
}

impl<Tx: ?Sized> Clone for Changes<Tx> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), clock: self.clock.clone() }
    }
}

impl<Tx: ChangeTx + ?Sized> Changes<Tx> {
    /// Builds the runner.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<Tx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Runs `change` in a transaction, with the time of its audit entries, and returns the response that `render` makes of its result, or the stored
    /// response of an earlier request with the same idempotency key. A dry run is rolled back.
    ///
    /// # Errors
    /// The error of `change`, or [`ChangeError`]. Nothing is changed on an error.
    pub(crate) async fn run<P: PermissionType, T, E: From<ChangeError>>(
        &self,
        allowed: &Allowed<P>,
        options: &WriteOptions,
        render: impl FnOnce(&T) -> Rendered,
        change: impl AsyncFnOnce(&mut Tx, DateTime<Utc>) -> Result<Audited<T>, E>,
    ) -> Result<StoredResponse, E> {
        self.run_on(allowed, options, async |_, _| Ok(true), render, change).await
    }

    /// Runs a change of an object that may have left the caller's scope when the request is repeated. The stored response is
    /// returned only if `in_scope` returns true for it; otherwise the object is not found.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) async fn run_on<P: PermissionType, T, E: From<ChangeError>>(
        &self,
        allowed: &Allowed<P>,
        options: &WriteOptions,
        in_scope: impl AsyncFnOnce(&mut Tx, &StoredResponse) -> Result<bool, StorageFailure>,
        render: impl FnOnce(&T) -> Rendered,
        change: impl AsyncFnOnce(&mut Tx, DateTime<Utc>) -> Result<Audited<T>, E>,
    ) -> Result<StoredResponse, E> {
        let mut tx = match begin(&*self.db, allowed, options, in_scope).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(stored_response),
        };
        let at = self.now();
        let outcome = match change(&mut *tx, at).await {
            Ok(audited) => {
                let entry = |change: AuditedChange| change.by(allowed, options, at);
                record(&mut *tx, allowed, options, audited, entry, render).await.map_err(E::from)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(response) if options.validate_only => {
                tx.roll_back().await;
                Ok(response)
            }
            Ok(response) => {
                tx.commit().await.map_err(ChangeError::from)?;
                Ok(response)
            }
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    /// Runs `change` for the operator at the command line, who needs no permission and sends no idempotency key.
    /// `request_id` returns the request id of the result, for the audit log.
    ///
    /// # Errors
    /// The error of `change`, or [`ChangeError`]. Nothing is changed on an error.
    pub(crate) async fn run_by_operator<T, E: From<ChangeError>>(
        &self,
        tenant: TenantId,
        request_id: fn(&T) -> &str,
        change: impl AsyncFnOnce(&mut Tx) -> Result<Audited<T>, E>,
    ) -> Result<T, E> {
        // A transaction that is dropped is rolled back.
        let mut tx = self.db.begin().await.map_err(ChangeError::from)?;
        let Audited { value, changes } = change(&mut *tx).await?;
        let at = self.now();
        let entry = |change: AuditedChange| change.by_operator(tenant, request_id(&value), at);
        audit(&mut *tx, changes, entry).await?;
        tx.commit().await.map_err(ChangeError::from)?;
        Ok(value)
    }
}

/// Writes the audit entries and the stored response, and returns the response.
async fn record<T, Tx: ChangeTx + ?Sized>(
    tx: &mut Tx,
    caller: &Actor,
    options: &WriteOptions,
    audited: Audited<T>,
    entry: impl Fn(AuditedChange) -> AuditEntry,
    render: impl FnOnce(&T) -> Rendered,
) -> Result<StoredResponse, ChangeError> {
    audit(tx, audited.changes, entry).await?;
    let response = render(&audited.value)?;
    if let Some(request) = options.idempotent_request.as_ref().filter(|_| !options.validate_only) {
        tx.stored_responses().save(caller.tenant, caller.user, request, &response).await?;
    }
    Ok(response)
}

/// Writes the audit entries of changes, if there are any.
async fn audit<Tx: ChangeTx + ?Sized>(
    tx: &mut Tx,
    changes: Vec<AuditedChange>,
    entry: impl Fn(AuditedChange) -> AuditEntry,
) -> Result<(), ChangeError> {
    if changes.is_empty() {
        return Ok(());
    }
    let entries: Vec<_> = changes.into_iter().map(entry).collect();
    Ok(tx.audit().record(&entries).await?)
}
