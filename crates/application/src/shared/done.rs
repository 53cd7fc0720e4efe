use haat_domain::shared::{Claim, Receipt};

/// Something that may have been done before, under a key that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done<T> {
    /// Done now.
    Now(T),
    /// Done before; this was the answer.
    Before(Receipt),
}

/// Why something that is to be done once cannot be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OnceError {
    /// The key was used for something else.
    #[error("the idempotency key was used for another request")]
    OtherRequest,
    /// It is being done at this moment.
    #[error("a request with this idempotency key is being worked on")]
    InFlight,
}

/// What a claim says of before: the receipt, or why there is none and nothing may be done; `None` where it is new.
pub(crate) fn before(claim: Claim) -> Option<Result<Receipt, OnceError>> {
    match claim {
        Claim::New => None,
        Claim::Done(receipt) => Some(Ok(receipt)),
        Claim::OtherRequest => Some(Err(OnceError::OtherRequest)),
        Claim::InFlight => Some(Err(OnceError::InFlight)),
    }
}
