use haat_domain::change::IdempotentRequest;

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
            Err(ChangeError::Stale(version))
        }
    }
}
