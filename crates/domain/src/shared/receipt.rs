//! Doing a thing once, however often a client on a bad network asks for it.

use async_trait::async_trait;

use super::{StorageFailure, TenantId, UserId};

/// A client's name for one change, so that asking again is not doing again. 1 to 255 visible ASCII characters; keys
/// belong to their user and live 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} visible ASCII characters", IdempotencyKey::MAX)]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// The most characters.
    pub const MAX: usize = 255;

    /// Parses a key.
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

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request to be done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Its key.
    pub key: IdempotencyKey,
    /// Method and path: a key is good for one of them.
    pub route: String,
    /// SHA-256 of its body: a key is good for one body.
    pub body_hash: [u8; 32],
}

/// The answer to a request that changed something, before it is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The HTTP status.
    pub status: u16,
    /// Where the new thing is.
    pub location: Option<String>,
    /// The name of these bytes.
    pub etag: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What is known of a request that is to be done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: it is to be done now, and its receipt kept in the same transaction.
    New,
    /// It was done; this was the answer.
    Done(Receipt),
    /// The key was used for something else.
    OtherRequest,
    /// It is being done at this moment.
    InFlight,
}

/// Keeps receipts, inside the transaction of what they are for.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReceiptWriter: Send {
    /// Takes the key for the rest of the transaction, or says what became of it before.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn claim(&mut self, tenant: TenantId, user: UserId, once: &Once) -> Result<Claim, StorageFailure>;

    /// Keeps the receipt of what this transaction did.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn keep(
        &mut self,
        tenant: TenantId,
        user: UserId,
        once: &Once,
        receipt: &Receipt,
    ) -> Result<(), StorageFailure>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        for good in ["a", "0190b3f4-7c1e-7000-8000-000000000000", " x ", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in ["", " ", "a b", "ক", "a\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(bad), Err(IdempotencyKeyError), "{bad:?}");
        }
    }
}
