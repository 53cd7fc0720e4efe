//! Errors of changing tenants, and their refusals.

use haat_domain::auth::HashFailure;
use haat_domain::people::UserConflict;
use haat_domain::shared::{StorageFailure, TimeZoneError};

use crate::people::codes::CANNOT_TARGET_SELF;
use crate::shared::{ChangeError, FieldError, Refusal, Refused, Text};

/// Errors of changing tenants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenantError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The caller tried to close their own tenant or the platform tenant.
    #[error("you cannot close your own tenant or the platform tenant")]
    CannotCloseOwn,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No random password could be generated.
    #[error("{0}")]
    Broken(String),
}

impl Refusal for TenantError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::CannotCloseOwn => Refused::new(&CANNOT_TARGET_SELF)
                .detail("The platform tenant cannot be closed.", "প্ল্যাটফর্মের টেন্যান্ট বন্ধ করা যায় না।"),
            Self::Hash(failure) => failure.refuse(),
            Self::Broken(cause) => Refused::internal(cause),
        }
    }
}

impl From<StorageFailure> for TenantError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Another tenant has the short name.
pub(super) fn slug_taken() -> ChangeError {
    let message = Text::fixed("is already used by another tenant", "অন্য একটি টেন্যান্টের আছে");
    ChangeError::Taken(vec![FieldError::new("slug", "taken", message)])
}

/// Values of the administrator are in use. Not possible in a new tenant, unless the username is reserved.
pub(super) fn user_taken(conflicts: &[UserConflict]) -> ChangeError {
    let field = |conflict: &UserConflict| match conflict {
        UserConflict::Username | UserConflict::EmployeeCode => "admin.username",
        UserConflict::Phone => "admin.phone",
        UserConflict::Email => "admin.email",
    };
    let message = Text::fixed("is already used by another user", "অন্য একজন ব্যবহারকারীর আছে");
    let errors = conflicts.iter().map(|conflict| FieldError::new(field(conflict), "taken", message.clone()));
    ChangeError::Taken(errors.collect())
}

/// The database does not know the time zone.
pub(super) fn unknown_time_zone() -> ChangeError {
    ChangeError::Invalid(vec![FieldError::of("timeZone", &TimeZoneError)])
}
