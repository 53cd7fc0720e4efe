//! Idempotent requests: a client on an unreliable network can repeat a change, and the server executes it
//! once.

use async_trait::async_trait;

use crate::shared::{FieldRule, StorageFailure, TenantId, UserId, bangla_digits};

/// The key that a client chooses for one change, so that repeating the request does not repeat the change. 1
/// to 255 visible ASCII characters. Keys belong to their user and expire after 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The text is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} visible ASCII characters", IdempotencyKey::MAX)]
pub struct IdempotencyKeyError;

impl FieldRule for IdempotencyKeyError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        format!("১ থেকে {}টি দৃশ্যমান ASCII অক্ষর হতে হবে", bangla_digits(IdempotencyKey::MAX))
    }
}

impl IdempotencyKey {
    /// The maximum number of characters.
    pub const MAX: usize = 255;

    /// Parses a key; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`IdempotencyKeyError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyError> {
        let text = text.trim();
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdempotencyKeyError)
        }
    }

    /// Returns the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identity of a request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The key.
    pub key: IdempotencyKey,
    /// The method and path. A key is valid for one route.
    pub route: String,
    /// The SHA-256 of the meaning of the body. A key is valid for one body.
    pub body_hash: [u8; 32],
    /// The SHA-256 of the body as sent, which earlier versions stored.
    pub sent_hash: [u8; 32],
}

/// The response to a change, before compression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The URL of the new resource.
    pub location: Option<String>,
    /// The entity tag of the body.
    pub etag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// True if an earlier request with the same idempotency key had this response.
    pub replayed: bool,
}

impl StoredResponse {
    /// Returns the id of the resource that the change has created, if it has one.
    #[must_use]
    pub fn created(&self) -> Option<i64> {
        self.location.as_deref()?.rsplit('/').next()?.parse().ok()
    }
}

/// The state of an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key is new. The request must be executed, and its response stored in the same transaction.
    New,
    /// The request was executed before, with this response.
    Completed(StoredResponse),
    /// The key was used for another request.
    KeyReused,
    /// The request is still in progress.
    InFlight,
}

/// Stores responses, inside the transaction of their change.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoredResponseWriter: Send {
    /// Claims the key for the rest of the transaction, or returns the state from an earlier request.
    async fn claim(
        &mut self,
        tenant: TenantId,
        user: UserId,
        idempotent_request: &IdempotentRequest,
    ) -> Result<Claim, StorageFailure>;

    /// Stores the response to the change of this transaction.
    async fn save(
        &mut self,
        tenant: TenantId,
        user: UserId,
        idempotent_request: &IdempotentRequest,
        stored_response: &StoredResponse,
    ) -> Result<(), StorageFailure>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_1_to_255_visible_ascii_characters() {
        for good in ["a", "0190b3f4-7c1e-7000-8000-000000000000", " x ", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in ["", " ", "a b", "ক", "a\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(bad), Err(IdempotencyKeyError), "{bad:?}");
        }
    }
}
