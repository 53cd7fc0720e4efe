use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::{IdentityApi, LogInInput, LogInOutcome};
use haat_domain::identity::{Client, Email, LoginName, TenantSlug, Username};
use haat_domain::shared::Phone;
use secrecy::ExposeSecret as _;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use crate::shared::{Code, Fields, JsonBody, NoParams, Problem, ProblemBody, RequestId, client_of};

/// Exactly one of `username`, `email`, `phone` and `identifier` says who logs in.
#[derive(ToSchema)]
#[schema(as = LogInRequest)]
#[expect(
    dead_code,
    reason = "describes the body; the members are read one by one to tell all faults at once"
)]
struct LogInRequest {
    /// By username.
    #[schema(example = "sr00001")]
    username: Option<String>,
    /// By e-mail address.
    email: Option<String>,
    /// By phone, in any usual Bangladeshi spelling.
    phone: Option<String>,
    /// By any of the three.
    identifier: Option<String>,
    /// The password.
    #[schema(example = "Sr@12345", format = Password)]
    password: String,
    /// The company, where a server has several.
    #[schema(example = "default", default = "default")]
    tenant: Option<String>,
}

/// Log in
///
/// Begins a session for a username, e-mail address or phone and a password: an access token for a quarter of an hour and a
/// refresh token for the next. An unknown user, a wrong password
/// and a disabled user get the same answer in the same time. Who has a second factor is answered `mfa-required` and an `mfaToken`,
/// to be sent with a code to `POST /auth/mfa/challenge` within five minutes.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logIn",
    request_body(content = LogInRequest, example = json!({"username": "sr00001", "password": "Sr@12345"})),
    responses(
        (status = 200, description = "Logged in", body = LogInResponse),
        (status = 401, description = "Unknown user or wrong password, or a second factor is asked for", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong passwords", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/login")]
pub(super) async fn log_in(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    match api.log_in.execute(input(body.fields, client, request_id)?).await? {
        LogInOutcome::LoggedIn(logged_in) => Ok(LogInResponse::from(&logged_in).answer()),
        LogInOutcome::Challenged(token) => {
            let token = token.expose_secret();
            Err(Problem::new(Code::MfaRequired).with("mfaToken", token.into()))
        }
    }
}

fn input(mut fields: Fields, client: Client, request_id: String) -> Result<LogInInput, Problem> {
    const NAMES: [&str; 4] = ["username", "email", "phone", "identifier"];
    let given: Vec<&str> = NAMES.into_iter().filter(|name| fields.has(name)).collect();
    let mut name = None;
    match given.as_slice() {
        [] => fields.refuse("identifier", "required", "is required", "দিতে হবে"),
        [kind] => name = fields.text(kind).and_then(|text| login_name(kind, &text)),
        [_, surplus @ ..] => {
            for kind in surplus {
                fields.refuse(
                    kind,
                    "one-of",
                    "only one of the login names may be given",
                    "একটিমাত্র লগ ইন নাম দিন",
                );
            }
        }
    }
    // What is left of them is null or told already.
    for kind in NAMES {
        fields.optional_text(kind);
    }
    let password = fields.text("password").unwrap_or_default();
    let tenant = fields.optional("tenant", TenantSlug::parse).unwrap_or_default();
    fields.finish()?;
    Ok(LogInInput { tenant, name, password: password.into(), client, request_id })
}

/// What cannot be anybody's name is no fault of the request: it is answered like an unknown user.
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
        input(Fields::new(serde_json::from_str(json).unwrap()), Client::default(), "r-1".into())
            .map_err(|problem| problem.errors.into_iter().map(|error| (error.field, error.code)).collect())
    }

    #[test]
    fn each_kind_of_name_is_understood() {
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
    fn every_fault_is_named() {
        let wrong = |json: &str| parse(json).unwrap_err();
        let is = |faults: &[(&str, &'static str)]| -> Vec<(String, &'static str)> {
            faults.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
        };
        assert_eq!(wrong("{}"), is(&[("identifier", "required"), ("password", "required")]));
        assert_eq!(
            wrong(r#"{"username":5,"password":[],"tenant":"NO","x":1}"#),
            is(&[
                ("username", "wrong-type"),
                ("password", "wrong-type"),
                ("tenant", "invalid"),
                ("x", "unknown-field")
            ])
        );
        assert_eq!(wrong(r#"{"username":"abc","phone":"1","password":"x"}"#), is(&[("phone", "one-of")]));
    }
}
