use haat_domain::auth::{Email, NewPassword, SecondFactor};
use haat_domain::people::{Capacity, EmployeeCode, Person, SalesRep, UserState};
use haat_domain::shared::{Phone, Role};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::Timestamp;

/// A sales rep.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRep)]
pub(super) struct SalesRepDto {
    /// User id; `null` only in the result of a dry run (`validateOnly`).
    #[schema(required = true, example = 7)]
    id: Option<i64>,
    /// Username for login.
    #[schema(example = "sr00001")]
    username: String,
    /// Name.
    #[schema(example = "Rahim Uddin")]
    name: String,
    /// Phone in E.164.
    #[schema(example = "+8801711234567", required = true)]
    phone: Option<String>,
    /// E-mail address.
    #[schema(required = true)]
    email: Option<String>,
    /// Employee code at their employer.
    #[schema(required = true, example = "E-17")]
    employee_code: Option<String>,
    /// The sales rep's own capacity in retailers; `null`: the tenant's default applies.
    #[schema(required = true)]
    capacity: Option<i32>,
    /// Maximum number of retailers: `capacity`, or the tenant's default.
    #[schema(example = 120)]
    effective_capacity: i64,
    /// Number of retailers assigned to the sales rep.
    #[schema(example = 70)]
    assigned_count: i64,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// True if the user must change the password before anything else.
    must_change_password: bool,
    /// True if the user has a second factor.
    mfa_enabled: bool,
    /// Increases with every change of the sales rep; changes of `assignedCount` and of the tenant's default capacity do
    /// not count.
    #[schema(example = 1)]
    version: i64,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

/// An administrator.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Admin)]
pub(super) struct AdminDto {
    /// User id; `null` only in the result of a dry run (`validateOnly`).
    #[schema(required = true, example = 1)]
    id: Option<i64>,
    /// Username for login.
    #[schema(example = "admin")]
    username: String,
    /// Name.
    #[schema(example = "Karima Begum")]
    name: String,
    /// Phone in E.164.
    #[schema(required = true)]
    phone: Option<String>,
    /// E-mail address.
    #[schema(required = true)]
    email: Option<String>,
    /// Role.
    #[schema(example = "admin")]
    role: &'static str,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// True if the user must change the password before anything else.
    must_change_password: bool,
    /// True if the user has a second factor.
    mfa_enabled: bool,
    /// Increases with every change of the user.
    #[schema(example = 1)]
    version: i64,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
}

/// A user, with the members of their role.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum PersonDto {
    SalesRep(SalesRepDto),
    Admin(AdminDto),
}

/// A created user with a one-time password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = New)]
pub(super) struct NewPersonDto<T> {
    #[serde(flatten)]
    pub(super) person: T,
    /// One-time password. Returned only once: `null` if the request is repeated.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    pub(super) one_time_password: Option<String>,
}

impl From<&Person> for PersonDto {
    fn from(person: &Person) -> Self {
        match &person.rep {
            Some(rep) => Self::SalesRep(sales_rep(person, rep)),
            None => Self::Admin(admin(person)),
        }
    }
}

fn sales_rep(person: &Person, rep: &SalesRep) -> SalesRepDto {
    let user = &person.user;
    SalesRepDto {
        id: Some(user.id.get()),
        username: user.username.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        phone: text(user.phone.as_ref().map(Phone::as_str)),
        email: text(user.email.as_ref().map(Email::as_str)),
        employee_code: text(rep.employee_code.as_ref().map(EmployeeCode::as_str)),
        capacity: rep.capacity.map(Capacity::get),
        effective_capacity: rep.effective_capacity(),
        assigned_count: rep.assigned_count,
        state: state(person),
        must_change_password: user.must_change_password,
        mfa_enabled: user.second_factor == SecondFactor::On,
        version: person.version,
        created_at: Timestamp(person.created_at),
        updated_at: Timestamp(person.updated_at),
    }
}

fn admin(person: &Person) -> AdminDto {
    let user = &person.user;
    AdminDto {
        id: Some(user.id.get()),
        username: user.username.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        phone: text(user.phone.as_ref().map(Phone::as_str)),
        email: text(user.email.as_ref().map(Email::as_str)),
        role: user.role.as_str(),
        state: state(person),
        must_change_password: user.must_change_password,
        mfa_enabled: user.second_factor == SecondFactor::On,
        version: person.version,
        created_at: Timestamp(person.created_at),
        updated_at: Timestamp(person.updated_at),
    }
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

const fn state(person: &Person) -> &'static str {
    UserState::of(person.user.active).as_str()
}

/// Returns the text of a one-time password.
pub(super) fn expose(password: Option<&NewPassword>) -> Option<String> {
    text(password.map(|password| password.secret().expose_secret()))
}

/// Returns the path of a user.
pub(super) fn location(person: &Person) -> String {
    let list = match person.user.role {
        Role::SalesRep => "/admin/sales-reps",
        Role::Admin => "/admin/users",
    };
    format!("{list}/{}", person.user.id)
}
