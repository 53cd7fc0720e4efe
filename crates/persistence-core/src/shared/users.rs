//! Columns of the table of users.

use diesel::sql_types::{Nullable, Text};
use haat_domain::shared::{Role, StorageFailure};

use super::inconsistent;

diesel::define_sql_function! {
    /// Matches the expression of the unique indexes on username and e-mail.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// Parses the role of a user.
///
/// # Errors
/// [`StorageFailure::Inconsistent`] if the stored role is unknown.
pub fn role(name: &str) -> Result<Role, StorageFailure> {
    Role::from_name(name).ok_or_else(|| inconsistent("users", "role", "not a known role"))
}

/// Returns true for the state of an active user or tenant. Users are `active` or `disabled`; tenants are `active` or
/// `closed`.
#[must_use]
pub fn is_active(state: &str) -> bool {
    state == "active"
}
