//! Errors of reading and changing users, and their refusals.

use haat_domain::auth::HashFailure;
use haat_domain::people::UserConflict;
use haat_domain::shared::StorageFailure;

use super::codes::{CANNOT_TARGET_SELF, INCOMPATIBLE_ROLES, LAST_ADMIN};
use crate::shared::{ChangeError, FieldError, Refusal, Refused, Text, codes};

/// Errors of changing users.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The caller tried to disable their own account. This is refused so that at least one user remains who
    /// can enable others.
    #[error("you cannot disable your own account")]
    CannotDisableSelf,
    /// The caller tried to reset their own second factor. Disabling it requires a code.
    #[error("you cannot reset your own second factor")]
    CannotResetOwnFactor,
    /// The caller tried to change their own roles.
    #[error("you cannot change your own roles")]
    CannotChangeOwnRoles,
    /// The tenant would have no active administrator.
    #[error("the last administrator cannot be removed")]
    LastAdmin,
    /// A user cannot have these roles together.
    #[error("the roles exclude each other")]
    IncompatibleRoles,
    /// Targets of roles do not exist in the caller's scope.
    #[error("a target does not exist")]
    UnknownTargets(Vec<FieldError>),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No random password could be generated.
    #[error("{0}")]
    Broken(String),
}

impl Refusal for PersonError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::CannotDisableSelf | Self::CannotChangeOwnRoles => Refused::new(&CANNOT_TARGET_SELF),
            Self::LastAdmin => Refused::new(&LAST_ADMIN),
            Self::IncompatibleRoles => Refused::new(&INCOMPATIBLE_ROLES),
            Self::UnknownTargets(errors) => {
                Refused { errors: errors.clone(), ..Refused::new(&codes::NOT_FOUND) }
            }
            Self::CannotResetOwnFactor => Refused::new(&CANNOT_TARGET_SELF).detail(
                "Disable your own second factor with POST /auth/mfa/disable.",
                "নিজের দ্বিতীয় ধাপ POST /auth/mfa/disable দিয়ে বন্ধ করুন।",
            ),
            Self::Hash(failure) => failure.refuse(),
            Self::Broken(cause) => Refused::internal(cause),
        }
    }
}

impl From<StorageFailure> for PersonError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Other users have values of these fields.
pub(super) fn taken(conflicts: &[UserConflict]) -> ChangeError {
    let field = |conflict: &UserConflict| match conflict {
        UserConflict::Username => "username",
        UserConflict::Phone => "phone",
        UserConflict::Email => "email",
        UserConflict::EmployeeCode => "employeeCode",
    };
    let message = Text::fixed("is already used by another user", "অন্য একজন ব্যবহারকারীর আছে");
    let errors = conflicts.iter().map(|conflict| FieldError::new(field(conflict), "taken", message.clone()));
    ChangeError::Taken(errors.collect())
}
