//! Refusals that several use cases share.

use haat_domain::people::UserConflict;

use crate::shared::{FieldError, Refused, Text};

/// Refuses values that another user already has, each with its field.
pub(super) fn taken(conflicts: &[UserConflict]) -> Refused {
    let field = |conflict: &UserConflict| match conflict {
        UserConflict::Username => "username",
        UserConflict::Phone => "phone",
        UserConflict::Email => "email",
        UserConflict::EmployeeCode => "employeeCode",
    };
    let message = Text::fixed("is already used by another user", "অন্য একজন ব্যবহারকারীর আছে");
    let errors = conflicts.iter().map(|conflict| FieldError::new(field(conflict), "taken", message.clone()));
    Refused::taken(errors.collect())
}
