use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, LogInInput, LogInOutcome};
use haat_domain::auth::{Client, Email, LoginName, Username};
use haat_domain::shared::Phone;
use haat_domain::tenancy::TenantSlug;
use secrecy::ExposeSecret as _;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use haat_http_core::{ActivityCounter, Fields, JsonBody, Problem, RequestId, client_of, reject_params};

/// Credentials: exactly one of `username`, `email`, `phone` and `identifier`, and the password.
#[derive(ToSchema)]
#[schema(as = LogInRequest)]
#[expect(
    dead_code,
    reason = "documents the body, which is parsed member by member to report all errors at once"
)]
struct LogInRequest {
    /// Username.
    #[schema(example = "sr00001")]
    username: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Phone number, in any common Bangladeshi notation.
    phone: Option<String>,
    /// Username, e-mail address or phone number.
    identifier: Option<String>,
    /// The password.
    #[schema(example = "Sr@12345", format = Password)]
    password: String,
    /// Tenant, on a server with several.
    #[schema(example = "default", default = "default")]
    tenant: Option<String>,
}

/// Log in
///
/// Starts a session with a username, e-mail address or phone number and a password. Returns an access token
/// for 15 minutes and a refresh token. The response is the same, and takes equally long, for an
/// unknown user, an incorrect password and a disabled user. A user with a second factor gets `mfa-required` and an `mfaToken`, to send
/// with a code to `POST /auth/mfa/challenge` within five minutes.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logIn",
    request_body(content = LogInRequest, example = json!({"username": "sr00001", "password": "Sr@12345"})),
    responses(
        (status = 200, description = "Logged in", body = LogInResponse),
        (status = 401, description = "Unknown user or incorrect password, or a second factor is required"),
        (status = 429, description = "Too many incorrect passwords"),
        (status = 503, description = "Temporarily unavailable"),
    )
)]
#[post("/auth/login")]
pub(super) async fn log_in(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    reject_params(&request)?;
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    match api.log_in.execute(input(body.fields, client, request_id)?).await? {
        LogInOutcome::LoggedIn(logged_in) => {
            ActivityCounter::login(&request, logged_in.user.tenant, logged_in.user.id);
            Ok(LogInResponse::from(&logged_in).respond())
        }
        LogInOutcome::Challenged(token) => {
            let token = token.expose_secret();
            Err(Problem::new(&haat_application::auth::codes::MFA_REQUIRED).with("mfaToken", token.into()))
        }
    }
}

fn input(mut fields: Fields, client: Client, request_id: String) -> Result<LogInInput, Problem> {
    const NAMES: [&str; 4] = ["username", "email", "phone", "identifier"];
    let names: Vec<&str> = NAMES.into_iter().filter(|name| fields.has(name)).collect();
    let mut name = None;
    match names.as_slice() {
        [] => fields.reject("identifier", "required", "is required", "দিতে হবে"),
        [kind] => name = fields.text(kind).and_then(|text| login_name(kind, &text)),
        [_, surplus @ ..] => {
            for kind in surplus {
                fields.reject(
                    kind,
                    "one-of",
                    "only one of username, email, phone and identifier is allowed",
                    "username, email, phone ও identifier-এর মধ্যে কেবল একটি দেওয়া যাবে",
                );
            }
        }
    }
    // The remaining members are null, or their error is already recorded.
    for kind in NAMES {
        fields.optional_text(kind);
    }
    let password = fields.text("password").unwrap_or_default();
    let tenant = fields.optional("tenant", TenantSlug::parse).unwrap_or_default();
    fields.finish()?;
    Ok(LogInInput { tenant, name, password: password.into(), client, request_id })
}

/// Parses a login name. `None` for text that cannot be a name, which is treated like an unknown user and not
/// like an invalid field.
fn login_name(kind: &str, text: &str) -> Option<LoginName> {
    match kind {
        "username" => Username::parse(text).ok().map(LoginName::Username),
        "email" => Email::parse(text).ok().map(LoginName::Email),
        "phone" => Phone::parse(text).ok().map(LoginName::Phone),
        _ => LoginName::guess(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<LogInInput, Vec<(String, &'static str)>> {
        input(Fields::new(serde_json::from_str(json).unwrap()), Client::default(), "r-1".into()).map_err(
            |problem| {
                problem.errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect()
            },
        )
    }

    #[test]
    fn accepts_every_kind_of_login_name() {
        for (json, name) in [
            (r#"{"username":"Admin","password":"x"}"#, LoginName::guess("admin")),
            (r#"{"email":"A@b.c","password":"x"}"#, LoginName::guess("a@b.c")),
            (r#"{"phone":"০১৭১১-২৩৪৫৬৭","password":"x"}"#, LoginName::guess("01711234567")),
            (r#"{"identifier":"+8801711234567","password":"x"}"#, LoginName::guess("01711234567")),
            (r#"{"username":"no such name","password":"x"}"#, None),
            (r#"{"username":"Admin","email":null,"phone":null,"password":"x"}"#, LoginName::guess("admin")),
        ] {
            assert_eq!(parse(json).unwrap().name, name, "{json}");
        }
        assert_eq!(parse(r#"{"username":"abc","password":"x"}"#).unwrap().tenant, TenantSlug::default());
    }

    #[test]
    fn reports_all_errors() {
        let rejected = |json: &str| parse(json).unwrap_err();
        let expected = |errors: &[(&str, &'static str)]| -> Vec<(String, &'static str)> {
            errors.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
        };
        assert_eq!(rejected("{}"), expected(&[("identifier", "required"), ("password", "required")]));
        assert_eq!(
            rejected(r#"{"username":5,"password":[],"tenant":"NO","x":1}"#),
            expected(&[
                ("username", "wrong-type"),
                ("password", "wrong-type"),
                ("tenant", "invalid"),
                ("x", "unknown-field")
            ])
        );
        assert_eq!(
            rejected(r#"{"username":"abc","phone":"1","password":"x"}"#),
            expected(&[("phone", "one-of")])
        );
    }
}
