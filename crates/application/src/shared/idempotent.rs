use haat_domain::change::{Claim, StoredResponse};

use super::{Refusal, Refused, codes};

/// Reasons why an idempotency key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdempotencyError {
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The request with this key is still in progress.
    #[error("a request with this idempotency key is still in progress")]
    InFlight,
}

impl Refusal for IdempotencyError {
    fn refuse(&self) -> Refused {
        match self {
            Self::KeyReused => Refused::new(&codes::IDEMPOTENCY_KEY_REUSED),
            Self::InFlight => {
                Refused { retry_after: Some(1), ..Refused::new(&codes::IDEMPOTENCY_KEY_IN_USE) }
            }
        }
    }
}

/// Returns the stored response of a claim, or the error if the key cannot be used; `None` for a new key.
pub(crate) fn before(claim: Claim) -> Option<Result<StoredResponse, IdempotencyError>> {
    match claim {
        Claim::New => None,
        Claim::Completed(stored_response) => Some(Ok(stored_response)),
        Claim::KeyReused => Some(Err(IdempotencyError::KeyReused)),
        Claim::InFlight => Some(Err(IdempotencyError::InFlight)),
    }
}
