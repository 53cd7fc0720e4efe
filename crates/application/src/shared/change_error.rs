use haat_domain::shared::StorageFailure;
use serde_json::Value;

use super::{FieldError, Forbidden, IdempotencyError, Refusal, Refused, RenderError, codes};

/// Reasons why a change was not started or not committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The caller may no longer act.
    #[error("the caller may no longer act")]
    CallerEnded,
    /// The grants of the caller have changed since the request began. It may be repeated.
    #[error("the grants of the caller have changed")]
    CallerChanged,
    /// The idempotency key cannot be used.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The entity does not exist in the caller's scope.
    #[error("not found")]
    NotFound,
    /// The version of the entity is not among the accepted ones.
    #[error("changed in the meantime; the version is {0}")]
    Stale(i64),
    /// Values of these fields are in use by other entities.
    #[error("a value is already in use")]
    Taken(Vec<FieldError>),
    /// Values of these fields refer to something that does not exist or cannot be used.
    #[error("a field is invalid")]
    Invalid(Vec<FieldError>),
    /// Other records refer to the entity.
    #[error("in use")]
    InUse(References),
    /// The tenant has too many queued jobs of this kind.
    #[error("too many queued jobs")]
    JobLimitReached,
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
            Self::CallerChanged => Refused { retry_after: Some(1), ..Refused::new(&codes::UNAVAILABLE) },
            Self::Idempotency(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Stale(version) => {
                Refused { version: Some(*version), ..Refused::new(&codes::PRECONDITION_FAILED) }
            }
            Self::Taken(errors) => Refused::taken(errors.clone()),
            Self::Invalid(errors) => Refused::invalid(errors.clone()),
            Self::InUse(references) => {
                let counts = references.iter().map(|(kind, count)| ((*kind).to_owned(), Value::from(*count)));
                Refused::new(&codes::IN_USE).with("references", counts.collect())
            }
            Self::JobLimitReached => {
                Refused { retry_after: Some(60), ..Refused::new(&codes::JOB_LIMIT_REACHED) }
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
