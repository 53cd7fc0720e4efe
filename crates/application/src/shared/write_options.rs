use haat_domain::change::{ExpectedVersions, IdempotentRequest};

use super::ChangeError;

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

impl WriteOptions {
    /// Checks the current version of the changed entity.
    ///
    /// # Errors
    /// [`ChangeError::Stale`] if the request does not accept it.
    pub fn check_version(&self, version: i64) -> Result<(), ChangeError> {
        if self.expected.accept(version) { Ok(()) } else { Err(ChangeError::Stale(version)) }
    }
}
