use chrono::Duration;
use haat_application::identity::GuessLimit;
use secrecy::{ExposeSecret as _, SecretString};

use super::problems::given;
use super::{Environment, Problems};
use crate::security::NamedKey;

/// HMAC with SHA-256 wants a key of at least its output's size (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 32;

#[derive(Debug, clap::Args)]
pub(crate) struct AuthArgs {
    /// The key that signs access tokens, at least 32 bytes; the same for every process. Made up at each start in
    /// development where it is not given
    #[arg(long, env = "HAAT_JWT_SECRET", hide_env_values = true, value_name = "SECRET")]
    jwt_secret: Option<String>,
    /// The name of that key, written into each token
    #[arg(long, env = "HAAT_JWT_KEY_ID", default_value = "1", value_name = "NAME")]
    jwt_key_id: String,
    /// Other keys whose tokens are taken, as NAME=SECRET and blanks between them: the one before or the one to come, so that
    /// nobody is logged out when the key changes
    #[arg(long, env = "HAAT_JWT_OTHER_KEYS", hide_env_values = true, value_name = "NAME=SECRET")]
    jwt_other_keys: Option<String>,
    /// Who issues tokens; others' are refused
    #[arg(long, env = "HAAT_JWT_ISSUER", default_value = "haat", value_name = "NAME")]
    jwt_issuer: String,
    /// For whom tokens are; others' are refused
    #[arg(long, env = "HAAT_JWT_AUDIENCE", default_value = "haat-api", value_name = "NAME")]
    jwt_audience: String,
    /// How long an access token is valid, in seconds; then a refresh token is exchanged for the next
    #[arg(long, env = "HAAT_ACCESS_TOKEN_SECONDS", default_value = "900", value_name = "SECONDS")]
    access_token_seconds: String,
    /// Keys that seal the seeds of second factors, as NAME=SECRET and blanks between them, the same for every process: the first
    /// seals, all open. To change it add another at the end everywhere, then put it first everywhere; a seed is sealed anew when
    /// it is used. Without one nobody can set up a second factor
    #[arg(long, env = "HAAT_MFA_KEYS", hide_env_values = true, value_name = "NAME=SECRET")]
    mfa_keys: Option<String>,
    /// How many wrong passwords are free before each further one has to wait: for a name from devices that it never logged
    /// in with, and for a user on a device of theirs; of wrong codes of a second factor no more than 10
    #[arg(long, env = "HAAT_LOGIN_FAILURES", default_value = "10", value_name = "N")]
    login_failures: String,
    #[command(flatten)]
    bcrypt: BcryptArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BcryptArgs {
    /// How slow password hashing is: each step doubles it. At least 10 outside development
    #[arg(long, env = "HAAT_BCRYPT_COST", default_value = "10", value_name = "N")]
    bcrypt_cost: String,
}

/// How callers prove who they are.
#[derive(Debug, Clone)]
pub(crate) struct AuthConfig {
    /// Signs tokens; `None`: make one up.
    pub(crate) jwt_secret: Option<SecretString>,
    /// The key's name.
    pub(crate) jwt_key_id: String,
    /// Keys that sign nothing and verify what they have signed.
    pub(crate) jwt_other_keys: Vec<NamedKey>,
    /// Issuer.
    pub(crate) jwt_issuer: String,
    /// Audience.
    pub(crate) jwt_audience: String,
    /// The life of an access token.
    pub(crate) access_token_lifetime: Duration,
    /// Seal the seeds of second factors.
    pub(crate) mfa_keys: Vec<NamedKey>,
    /// How many wrong passwords are free.
    pub(crate) guess_limit: GuessLimit,
    /// bcrypt's cost.
    pub(crate) bcrypt_cost: u32,
}

impl BcryptArgs {
    pub(crate) fn parse(&self, environment: Environment, problems: &mut Problems) -> u32 {
        let min = if environment == Environment::Development { 4 } else { 10 };
        u32::try_from(problems.number("HAAT_BCRYPT_COST", &self.bcrypt_cost, min, 16)).unwrap_or(10)
    }
}

impl AuthArgs {
    pub(crate) fn parse(self, environment: Environment, problems: &mut Problems) -> AuthConfig {
        let jwt_secret = given(self.jwt_secret).map(SecretString::from);
        match &jwt_secret {
            Some(secret) if secret.expose_secret().len() < MIN_SECRET_BYTES => problems.note(
                "HAAT_JWT_SECRET",
                format!("must have at least {MIN_SECRET_BYTES} bytes, for example from `openssl rand -base64 48`"),
            ),
            None if environment == Environment::Production => problems.note(
                "HAAT_JWT_SECRET",
                format!(
                    "is required (at least {MIN_SECRET_BYTES} bytes, for example from `openssl rand -base64 48`); \
                     only HAAT_ENV=development makes one up"
                ),
            ),
            _ => {}
        }
        let failures = problems.number("HAAT_LOGIN_FAILURES", &self.login_failures, 3, 1_000_000);
        let seconds = problems.number("HAAT_ACCESS_TOKEN_SECONDS", &self.access_token_seconds, 1, 86_400);
        AuthConfig {
            jwt_secret,
            jwt_other_keys: named_keys(
                "HAAT_JWT_OTHER_KEYS",
                self.jwt_other_keys,
                &self.jwt_key_id,
                problems,
            ),
            mfa_keys: named_keys("HAAT_MFA_KEYS", self.mfa_keys, "", problems),
            jwt_key_id: self.jwt_key_id,
            jwt_issuer: self.jwt_issuer,
            jwt_audience: self.jwt_audience,
            access_token_lifetime: Duration::seconds(i64::try_from(seconds).unwrap_or(900)),
            guess_limit: GuessLimit { failures: u32::try_from(failures).unwrap_or(10) },
            bcrypt_cost: self.bcrypt.parse(environment, problems),
        }
    }
}

/// Reads keys given as `NAME=SECRET NAME=SECRET`, none of them of a name that is `taken`. What is wrong with one is told without
/// repeating it.
fn named_keys(option: &str, text: Option<String>, taken: &str, problems: &mut Problems) -> Vec<NamedKey> {
    let mut keys: Vec<NamedKey> = Vec::new();
    for key in given(text).unwrap_or_default().split_whitespace() {
        let fault = match key.split_once('=') {
            None | Some(("", _)) => "must look like NAME=SECRET, with blanks between keys",
            Some((id, _)) if id.len() > 64 => "has a name of more than 64 characters",
            Some((_, secret)) if secret.len() < MIN_SECRET_BYTES => "has a key of fewer than 32 bytes",
            Some((id, _)) if id == taken || keys.iter().any(|known| known.id == id) => "has a name twice",
            Some((id, secret)) => {
                keys.push(NamedKey { id: id.to_owned(), secret: secret.to_owned().into() });
                continue;
            }
        };
        problems.note(option, fault);
    }
    keys
}
