use haat_domain::identity::{Email, User};
use haat_domain::shared::Phone;
use serde::Serialize;
use utoipa::ToSchema;

/// A person who can log in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(super) struct UserDto<'a> {
    /// Id.
    #[schema(example = 7)]
    id: i64,
    /// What they log in with.
    #[schema(example = "sr00001")]
    username: &'a str,
    /// Name.
    #[schema(example = "Rahim Uddin")]
    name: &'a str,
    /// Phone in E.164.
    #[schema(example = "+8801711234567", required = true)]
    phone: Option<&'a str>,
    /// E-mail address.
    #[schema(required = true)]
    email: Option<&'a str>,
    /// What they may do.
    #[schema(example = "sales_rep")]
    role: &'a str,
}

impl<'a> From<&'a User> for UserDto<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str(),
            name: &user.name,
            phone: user.phone.as_ref().map(Phone::as_str),
            email: user.email.as_ref().map(Email::as_str),
            role: user.role.as_str(),
        }
    }
}
