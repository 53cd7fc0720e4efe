//! Refusals that several use cases share.

use std::time::Duration;

use haat_domain::auth::{FactorFailure, HashFailure};

use super::VerifyPasswordError;
use crate::auth::codes::{MFA_NOT_CONFIGURED, TOO_MANY_FAILED_LOGINS};
use crate::shared::{Refusal, Refused, Text, codes};

impl VerifyPasswordError {
    /// Returns the refusal of the caller's own password, sent in the field of this name.
    pub(crate) fn refuse_in(&self, field: &'static str) -> Refused {
        match self {
            Self::CallerEnded => Refused::new(&codes::TOKEN_REVOKED),
            Self::Incorrect => {
                let message = Text::fixed("is not your current password", "আপনার বর্তমান পাসওয়ার্ড এটি নয়");
                Refused::invalid_field(field, "incorrect", message)
            }
            Self::TooManyFailures(wait) => too_many_failures(*wait),
            Self::Hash(failure) => failure.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

impl Refusal for HashFailure {
    fn refuse(&self) -> Refused {
        match self {
            Self::Busy(wait) => Refused {
                retry_after: Some(seconds(*wait)),
                ..Refused::unavailable("too many passwords are waiting to be hashed")
            },
            Self::Broken(cause) => Refused::internal(cause.clone()),
        }
    }
}

impl Refusal for FactorFailure {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotConfigured => Refused::new(&MFA_NOT_CONFIGURED),
            Self::Broken(cause) => Refused::internal(cause.clone()),
        }
    }
}

/// Refuses an attempt to log in, after too many failures.
pub(crate) fn too_many_failures(wait: Duration) -> Refused {
    Refused { retry_after: Some(seconds(wait)), ..Refused::new(&TOO_MANY_FAILED_LOGINS) }
}

/// Returns the whole seconds after which a time has passed.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)
}
