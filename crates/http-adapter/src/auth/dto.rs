use actix_web::HttpResponse;
use haat_application::auth::{LoggedIn, Me};
use haat_domain::auth::{Email, SecondFactor, User};
use haat_domain::people::UserState;
use haat_domain::shared::{Phone, Role};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp, no_store};

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(super) struct UserDto<'a> {
    /// Id.
    #[schema(example = 7)]
    id: i64,
    /// Username for login.
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
    /// The highest role. Responses to logins say `supplier` for `distributor_user` and `buyer` for `retailer_user`.
    #[schema(example = "sales_rep")]
    role: &'static str,
    /// All roles, the highest first.
    #[schema(example = json!(["sales_rep"]))]
    roles: Vec<&'static str>,
    /// The current team.
    #[schema(required = true)]
    team: Option<NamedRefDto<'a>>,
    /// `active` or `disabled`.
    #[schema(example = "active")]
    state: &'static str,
    /// True if the user must change the password before anything else.
    must_change_password: bool,
    /// True if the user has a second factor.
    mfa_enabled: bool,
    /// True if the tenant requires a second factor and the user must set one up before anything else.
    must_enroll_mfa: bool,
}

const SUPPLIER: &str = "supplier";
const BUYER: &str = "buyer";

/// The values of [`UserDto::role`].
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(super) const ROLES: &[&str] = &{
    let mut words = [SUPPLIER; Role::WORDS.len() + 2];
    let mut index = 0;
    while index < Role::WORDS.len() {
        words[index] = Role::WORDS[index];
        index += 1;
    }
    words[index] = BUYER;
    words
};

impl<'a> From<&'a User> for UserDto<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str(),
            name: user.name.as_str(),
            phone: user.phone.as_ref().map(Phone::as_str),
            email: user.email.as_ref().map(Email::as_str),
            role: user.role.as_str(),
            roles: user.grants.roles().into_iter().map(Role::as_str).collect(),
            team: user.team.as_ref().map(|team| NamedRefDto { id: team.id, name: (&*team.name).into() }),
            state: UserState::of(user.active).as_str(),
            must_change_password: user.must_change_password,
            mfa_enabled: user.second_factor == SecondFactor::On,
            must_enroll_mfa: user.second_factor == SecondFactor::Due,
        }
    }
}

impl<'a> UserDto<'a> {
    /// Returns the user with the role as clients of a login know it.
    fn of_login(user: &'a User) -> Self {
        let role = match user.role {
            Role::DistributorUser => SUPPLIER,
            Role::RetailerUser => BUYER,
            role => role.as_str(),
        };
        Self { role, ..Self::from(user) }
    }
}

/// The current user and their company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Me)]
pub(super) struct MeDto<'a> {
    #[serde(flatten)]
    user: UserDto<'a>,
    /// Maximum number of retailers the sales rep can serve; `null` for other users.
    #[schema(required = true, example = 120)]
    effective_capacity: Option<i64>,
    /// Number of retailers the sales rep serves; `null` for other users.
    #[schema(required = true, example = 70)]
    assigned_count: Option<i64>,
    /// Name of the company (the tenant).
    #[schema(example = "Haat")]
    company: &'a str,
    /// Time zone of the company, by its name in the IANA database. Days in requests are days there.
    #[schema(example = "Asia/Dhaka")]
    time_zone: &'a str,
    /// Time of the server.
    server_time: Timestamp,
}

impl<'a> From<&'a Me> for MeDto<'a> {
    fn from(Me { profile, now }: &'a Me) -> Self {
        Self {
            user: UserDto::from(&profile.user),
            effective_capacity: profile.load.map(|load| load.capacity),
            assigned_count: profile.load.map(|load| load.assigned_count),
            company: &profile.company,
            time_zone: &profile.time_zone,
            server_time: Timestamp(*now),
        }
    }
}

/// The access token, the refresh token and the user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogInResponse)]
pub(super) struct LogInResponse<'a> {
    /// Access token, to send as `Authorization: Bearer …`.
    access_token: &'a str,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i64,
    /// Refresh token for `POST /auth/refresh`. Replaces the one before.
    #[schema(example = "hrt_AAAAAAAAAAEBkQ…")]
    refresh_token: &'a str,
    /// The user.
    user: UserDto<'a>,
    /// `accessToken` under its OAuth 2.0 name (RFC 6749 section 5.1), for clients that expect it.
    #[serde(rename = "access_token")]
    #[schema(rename = "access_token")]
    same_access_token: &'a str,
}

impl<'a> From<&'a LoggedIn> for LogInResponse<'a> {
    fn from(logged_in: &'a LoggedIn) -> Self {
        Self {
            access_token: logged_in.access_token.expose_secret(),
            token_type: "Bearer",
            expires_in: logged_in.expires_in.num_seconds(),
            refresh_token: logged_in.refresh_token.expose_secret(),
            user: UserDto::of_login(&logged_in.user),
            same_access_token: logged_in.access_token.expose_secret(),
        }
    }
}

impl LogInResponse<'_> {
    /// Returns the response with `Cache-Control: no-store`, as RFC 6749 section 5.1 requires for tokens.
    pub(super) fn respond(&self) -> HttpResponse {
        no_store(HttpResponse::Ok().json(self))
    }
}
