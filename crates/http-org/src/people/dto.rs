use haat_domain::auth::{Email, NewPassword, PersonName, SecondFactor, User};
use haat_domain::people::{Capacity, EmployeeCode, Person, SalesRep, UserState};
use haat_domain::shared::{Phone, Role};
use haat_domain::territory::NamedRef;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp};

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
    /// The present team.
    #[schema(required = true)]
    team: Option<NamedRefDto<'static>>,
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

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserAccount)]
pub(super) struct UserAccountDto {
    /// User id; `null` only in the result of a dry run (`validateOnly`).
    #[schema(required = true, example = 1)]
    id: Option<i64>,
    /// Username for login.
    #[schema(example = "admin")]
    username: String,
    /// Displayed name.
    #[schema(example = "Karima Begum")]
    name: String,
    /// First name, if it is stored apart from the displayed name.
    #[schema(required = true)]
    first_name: Option<String>,
    /// Last name, if it is stored apart from the displayed name.
    #[schema(required = true)]
    last_name: Option<String>,
    /// Phone in E.164.
    #[schema(required = true)]
    phone: Option<String>,
    /// E-mail address.
    #[schema(required = true)]
    email: Option<String>,
    /// The highest role. For a user whose roles were all removed, the role they had before.
    #[schema(example = "admin")]
    role: &'static str,
    /// All roles, the highest first. `GET /users/{id}/roles` has their targets.
    #[schema(example = json!(["admin"]))]
    roles: Vec<&'static str>,
    /// The present team.
    #[schema(required = true)]
    team: Option<NamedRefDto<'static>>,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// True if the user must change the password before anything else.
    must_change_password: bool,
    /// True if the user has a second factor.
    mfa_enabled: bool,
    /// Increases with every change of the user and of their roles.
    #[schema(example = 1)]
    version: i64,
    /// The time of creation.
    created_at: Timestamp,
    /// The time of the last change.
    updated_at: Timestamp,
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

/// A user after a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Changed)]
pub(super) struct ChangedPersonDto<T> {
    #[serde(flatten)]
    pub(super) person: T,
    /// The teams that the change left without an active leader.
    pub(super) leaderless_teams: Vec<NamedRefDto<'static>>,
}

/// Returns the JSON of teams.
pub(super) fn teams(teams: &[NamedRef]) -> Vec<NamedRefDto<'static>> {
    teams.iter().map(named).collect()
}

fn named(team: &NamedRef) -> NamedRefDto<'static> {
    NamedRefDto { id: team.id, name: team.name.as_ref().to_owned().into() }
}

impl From<&Person> for SalesRepDto {
    fn from(person: &Person) -> Self {
        let (user, rep) = (&person.user, person.rep.as_ref());
        Self {
            id: Some(user.id.get()),
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            phone: text(user.phone.as_ref().map(Phone::as_str)),
            email: text(user.email.as_ref().map(Email::as_str)),
            team: team(user),
            employee_code: text(rep.and_then(|rep| rep.employee_code.as_ref()).map(EmployeeCode::as_str)),
            capacity: rep.and_then(|rep| rep.capacity).map(Capacity::get),
            effective_capacity: rep.map_or(0, SalesRep::effective_capacity),
            assigned_count: rep.map_or(0, |rep| rep.assigned_count),
            state: state(person),
            must_change_password: user.must_change_password,
            mfa_enabled: user.second_factor == SecondFactor::On,
            version: person.version,
            created_at: Timestamp(person.created_at),
            updated_at: Timestamp(person.updated_at),
        }
    }
}

impl From<&Person> for UserAccountDto {
    fn from(person: &Person) -> Self {
        let user = &person.user;
        Self {
            id: Some(user.id.get()),
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            first_name: text(person.first_name.as_ref().map(PersonName::as_str)),
            last_name: text(person.last_name.as_ref().map(PersonName::as_str)),
            phone: text(user.phone.as_ref().map(Phone::as_str)),
            email: text(user.email.as_ref().map(Email::as_str)),
            role: user.role.as_str(),
            roles: user.grants.roles().into_iter().map(Role::as_str).collect(),
            team: team(user),
            state: state(person),
            must_change_password: user.must_change_password,
            mfa_enabled: user.second_factor == SecondFactor::On,
            version: person.version,
            created_at: Timestamp(person.created_at),
            updated_at: Timestamp(person.updated_at),
        }
    }
}

fn team(user: &User) -> Option<NamedRefDto<'static>> {
    user.team.as_ref().map(named)
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
