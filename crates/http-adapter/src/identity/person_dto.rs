use haat_domain::identity::{
    Capacity, Email, EmployeeCode, NewPassword, Person, Role, SalesRep, SecondFactor,
};
use haat_domain::shared::Phone;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::Timestamp;

/// A sales representative.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRep)]
pub(super) struct SalesRepDto<'a> {
    /// Id; `null` only where adding somebody was tried with `validateOnly`.
    #[schema(required = true, example = 7)]
    id: Option<i64>,
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
    /// What their employer knows them by.
    #[schema(required = true, example = "E-17")]
    employee_code: Option<&'a str>,
    /// How many shops they can serve; `null`: what the company says.
    #[schema(required = true)]
    capacity: Option<i32>,
    /// How many shops they can serve, by their own rule or the company's.
    #[schema(example = 120)]
    limit: i64,
    /// How many shops they serve.
    #[schema(example = 70)]
    load: i64,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// Whether they may do nothing but change their password.
    must_change_password: bool,
    /// Whether they have a second factor.
    mfa_enabled: bool,
    /// Rises with every change of the above, apart from `limit` and `load`.
    #[schema(example = 1)]
    version: i64,
    /// Since when they are known.
    created_at: Timestamp,
    /// When they were last changed.
    updated_at: Timestamp,
}

/// An administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Admin)]
pub(super) struct AdminDto<'a> {
    /// Id; `null` only where adding somebody was tried with `validateOnly`.
    #[schema(required = true, example = 1)]
    id: Option<i64>,
    /// What they log in with.
    #[schema(example = "admin")]
    username: &'a str,
    /// Name.
    #[schema(example = "Karima Begum")]
    name: &'a str,
    /// Phone in E.164.
    #[schema(required = true)]
    phone: Option<&'a str>,
    /// E-mail address.
    #[schema(required = true)]
    email: Option<&'a str>,
    /// What they may do.
    #[schema(example = "admin")]
    role: &'static str,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// Whether they may do nothing but change their password.
    must_change_password: bool,
    /// Whether they have a second factor.
    mfa_enabled: bool,
    /// Rises with every change of the above.
    #[schema(example = 1)]
    version: i64,
    /// Since when they are known.
    created_at: Timestamp,
    /// When they were last changed.
    updated_at: Timestamp,
}

/// A person, shown by their role.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PersonDto<'a> {
    SalesRep(SalesRepDto<'a>),
    Admin(AdminDto<'a>),
}

/// A person who is new, and the password they log in with once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewPersonDto<'a> {
    #[serde(flatten)]
    pub(super) person: PersonDto<'a>,
    pub(super) one_time_password: Option<&'a str>,
}

impl<'a> From<&'a Person> for PersonDto<'a> {
    fn from(person: &'a Person) -> Self {
        match &person.rep {
            Some(rep) => Self::SalesRep(sales_rep(person, rep)),
            None => Self::Admin(admin(person)),
        }
    }
}

impl PersonDto<'_> {
    /// As somebody who was only tried.
    pub(super) fn without_id(mut self) -> Self {
        match &mut self {
            Self::SalesRep(SalesRepDto { id, .. }) | Self::Admin(AdminDto { id, .. }) => *id = None,
        }
        self
    }
}

fn sales_rep<'a>(person: &'a Person, rep: &'a SalesRep) -> SalesRepDto<'a> {
    let user = &person.user;
    SalesRepDto {
        id: Some(user.id.get()),
        username: user.username.as_str(),
        name: user.name.as_str(),
        phone: user.phone.as_ref().map(Phone::as_str),
        email: user.email.as_ref().map(Email::as_str),
        employee_code: rep.employee_code.as_ref().map(EmployeeCode::as_str),
        capacity: rep.capacity.map(Capacity::get),
        limit: rep.limit(),
        load: rep.load,
        state: state(person),
        must_change_password: user.must_change_password,
        mfa_enabled: user.second_factor == SecondFactor::On,
        version: person.version,
        created_at: Timestamp(person.created_at),
        updated_at: Timestamp(person.updated_at),
    }
}

fn admin(person: &Person) -> AdminDto<'_> {
    let user = &person.user;
    AdminDto {
        id: Some(user.id.get()),
        username: user.username.as_str(),
        name: user.name.as_str(),
        phone: user.phone.as_ref().map(Phone::as_str),
        email: user.email.as_ref().map(Email::as_str),
        role: user.role.as_str(),
        state: state(person),
        must_change_password: user.must_change_password,
        mfa_enabled: user.second_factor == SecondFactor::On,
        version: person.version,
        created_at: Timestamp(person.created_at),
        updated_at: Timestamp(person.updated_at),
    }
}

const fn state(person: &Person) -> &'static str {
    if person.user.active { "active" } else { "disabled" }
}

/// A one-time password as it is told.
pub(super) fn told(password: Option<&NewPassword>) -> Option<&str> {
    password.map(|password| password.secret().expose_secret())
}

/// Where a person is found.
pub(super) fn location(person: &Person) -> String {
    let list = match person.user.role {
        Role::SalesRep => "/admin/sales-reps",
        Role::Admin => "/admin/users",
    };
    format!("{list}/{}", person.user.id)
}
