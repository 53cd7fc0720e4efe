//! The steps that changes share: permission check, idempotency, dry run and audit.

use haat_domain::change::{ChangeTx, IdempotentRequest, StoredResponse};
use haat_domain::shared::{BeginTransaction, Role, StorageFailure};
use serde_json::Value;

use super::{
    Actor, FieldError, Forbidden, IdempotencyError, Idempotent, Permission, Refusal, Refused, RenderError,
    before, codes,
};

/// Options of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The request id, for the audit log.
    pub request_id: String,
    /// The idempotency key and its request; `None` without a key.
    pub idempotent_request: Option<IdempotentRequest>,
    /// Validates and returns the result without saving.
    pub validate_only: bool,
    /// The versions of the changed entity that the request accepts, for entities with a version.
    pub expected: ExpectedVersions,
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
    /// The entity does not exist in the caller's scope.
    #[error("not found")]
    NotFound,
    /// The version of the entity is not among the accepted ones.
    #[error("changed in the meantime")]
    Stale,
    /// Values of these fields are in use by other entities.
    #[error("a value is already in use")]
    Taken(Vec<FieldError>),
    /// Values of these fields refer to something that does not exist or cannot be used.
    #[error("a field is invalid")]
    Invalid(Vec<FieldError>),
    /// Other records refer to the entity.
    #[error("in use")]
    InUse(References),
    /// The response could not be serialized.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl From<Forbidden> for ChangeError {
    fn from(_: Forbidden) -> Self {
        Self::Forbidden
    }
}

impl Refusal for Forbidden {
    fn refuse(&self) -> Refused {
        Refused::new(&codes::FORBIDDEN)
    }
}

impl Refusal for ChangeError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::CallerEnded => Refused::new(&codes::TOKEN_REVOKED),
            Self::Idempotency(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Stale => Refused::new(&codes::PRECONDITION_FAILED),
            Self::Taken(errors) => Refused::taken(errors.clone()),
            Self::Invalid(errors) => Refused::invalid(errors.clone()),
            Self::InUse(references) => {
                let counts = references.iter().map(|(kind, count)| ((*kind).to_owned(), Value::from(*count)));
                Refused::new(&codes::IN_USE).with("references", counts.collect())
            }
            Self::Render(error) => Refused::internal(error.to_string()),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reasons why something cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The entity does not exist in the caller's scope.
    #[error("not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ReadError {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// The number of records that refer to an entity, by their kind.
pub type References = Vec<(&'static str, i64)>;

/// The versions of an entity that a request accepts; `None` accepts every version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedVersions(pub Option<Vec<i64>>);

impl ExpectedVersions {
    /// Checks the current version of the entity.
    ///
    /// # Errors
    /// [`ChangeError::Stale`] if the request does not accept it.
    pub fn check(&self, version: i64) -> Result<(), ChangeError> {
        if self.0.as_ref().is_none_or(|expected| expected.contains(&version)) {
            Ok(())
        } else {
            Err(ChangeError::Stale)
        }
    }
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
