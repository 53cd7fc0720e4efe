//! References to places and users, in filters and in responses.

use std::borrow::Cow;

use haat_application::shared::{PlaceSelector, UserSelector};
use haat_domain::auth::{Username, UsernameError};
use haat_domain::shared::single_line;
use serde::Serialize;
use utoipa::ToSchema;

use super::Invalid;

/// A place, by id and name.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedRef)]
pub struct NamedRefDto<'a> {
    /// Id.
    #[schema(example = 3)]
    pub id: i64,
    /// Name.
    #[schema(example = "Dhaka")]
    pub name: Cow<'a, str>,
}

const NOT_A_PLACE: Invalid = Invalid("must be an id or a name", "একটি id বা নাম হতে হবে");

/// Parses an id or a name. Digits only are an id, so a place whose name has only digits is selected by id.
///
/// # Errors
/// [`Invalid`] for an empty text.
pub fn parse_place(text: &str) -> Result<PlaceSelector, Invalid> {
    let name = single_line(text, 200).map_err(|_unusable| NOT_A_PLACE)?;
    if name.bytes().all(|b| b.is_ascii_digit()) {
        return name.parse().map(PlaceSelector::Id).map_err(|_too_large| NOT_A_PLACE);
    }
    Ok(PlaceSelector::Name(name))
}

/// Parses a parameter that names a user by id or username. Digits alone are an id: a username has at least
/// one letter.
///
/// # Errors
/// [`UsernameError`] for a text that is neither an id nor a username.
pub fn user_ref(text: &str) -> Result<UserSelector, UsernameError> {
    match text.trim().parse() {
        Ok(id) => Ok(UserSelector::Id(id)),
        Err(_) => Username::parse(text).map(UserSelector::Username),
    }
}
