use actix_web::HttpResponse;
use actix_web::http::header;
use haat_application::identity::LoggedIn;
use haat_domain::identity::{Email, SecondFactor, User};
use haat_domain::shared::Phone;
use secrecy::ExposeSecret as _;
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
    /// Whether they may do nothing but change their password.
    must_change_password: bool,
    /// Whether they have a second factor.
    mfa_enabled: bool,
    /// Whether they may do nothing but set up a second factor, as their company requires one of them.
    must_enroll_mfa: bool,
}

impl<'a> From<&'a User> for UserDto<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str(),
            name: user.name.as_str(),
            phone: user.phone.as_ref().map(Phone::as_str),
            email: user.email.as_ref().map(Email::as_str),
            role: user.role.as_str(),
            must_change_password: user.must_change_password,
            mfa_enabled: user.second_factor == SecondFactor::On,
            must_enroll_mfa: user.second_factor == SecondFactor::Due,
        }
    }
}

/// A login that succeeded.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogInResponse)]
pub(super) struct LogInResponse<'a> {
    /// To be sent as `Authorization: Bearer …`.
    access_token: &'a str,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the token is void.
    #[schema(example = 900)]
    expires_in: i64,
    /// To be exchanged for the next token at `POST /auth/refresh`. Left out where the one that the caller has is still good.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "hrt_AAAAAAAAAAEBkQ…")]
    refresh_token: Option<&'a str>,
    /// Who logged in.
    user: UserDto<'a>,
    /// `accessToken` by the name that OAuth 2.0 has for it (RFC 6749, section 5.1), for clients that read that.
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
            refresh_token: logged_in.refresh_token.as_ref().map(secrecy::ExposeSecret::expose_secret),
            user: UserDto::from(&logged_in.user),
            same_access_token: logged_in.access_token.expose_secret(),
        }
    }
}

impl LogInResponse<'_> {
    /// RFC 6749 section 5.1: a token must not be kept by anything on the way.
    pub(super) fn answer(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(self)
    }
}
