use haat_application::shared::UserSelector;
use haat_domain::identity::{Username, UsernameError};

/// Parses a parameter that names a user by id or username. Digits alone are an id: a username has at least
/// one letter.
pub(crate) fn user_ref(text: &str) -> Result<UserSelector, UsernameError> {
    match text.trim().parse() {
        Ok(id) => Ok(UserSelector::Id(id)),
        Err(_) => Username::parse(text).map(UserSelector::Username),
    }
}
