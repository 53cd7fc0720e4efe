use haat_application::shared::UserRef;
use haat_domain::identity::{Username, UsernameError};

/// A parameter that names a user. Digits only are an id: no username is.
pub(crate) fn user_ref(text: &str) -> Result<UserRef, UsernameError> {
    match text.trim().parse() {
        Ok(id) => Ok(UserRef::Id(id)),
        Err(_) => Username::parse(text).map(UserRef::Username),
    }
}
