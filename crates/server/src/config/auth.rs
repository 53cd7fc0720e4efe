use chrono::Duration;
use haat_application::auth::AttemptLimit;
use haat_crypto_adapter::NamedKey;
use secrecy::{ExposeSecret as _, SecretString};

use super::problems::non_empty;
use super::{Environment, Problems};

/// The minimum key size of HMAC with SHA-256: the size of its output (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// The key that seals the second factor of the demo's super admin, by name and secret. It is public, so production refuses it.
pub(crate) const DEVELOPMENT_MFA_KEY: (&str, &str) =
    ("development", "haat-development-key-that-is-no-secret");

#[derive(Debug, clap::Args)]
pub(crate) struct AuthArgs {
    /// Key that signs access tokens, at least 32 bytes; the same in all processes. In development, a key is generated at
    /// each start if none is set
    #[arg(long, env = "HAAT_JWT_SECRET", hide_env_values = true, value_name = "SECRET")]
    jwt_secret: Option<String>,
    /// Name of that key, written into each token
    #[arg(long, env = "HAAT_JWT_KEY_ID", default_value = "1", value_name = "NAME")]
    jwt_key_id: String,
    /// Further keys whose tokens are accepted, as NAME=SECRET, separated by spaces: the previous or the next key, so that no
    /// user is logged out when the key changes
    #[arg(long, env = "HAAT_JWT_OTHER_KEYS", hide_env_values = true, value_name = "NAME=SECRET")]
    jwt_other_keys: Option<String>,
    /// Issuer of tokens; tokens of other issuers are rejected
    #[arg(long, env = "HAAT_JWT_ISSUER", default_value = "haat", value_name = "NAME")]
    jwt_issuer: String,
    /// Audience of tokens; tokens for other audiences are rejected
    #[arg(long, env = "HAAT_JWT_AUDIENCE", default_value = "haat-api", value_name = "NAME")]
    jwt_audience: String,
    /// Lifetime of an access token, in seconds; afterwards the client exchanges its refresh token for the next one
    #[arg(long, env = "HAAT_ACCESS_TOKEN_SECONDS", default_value = "900", value_name = "SECONDS")]
    access_token_seconds: String,
    /// Keys that encrypt the seeds of second factors, as NAME=SECRET, separated by spaces, the same in all processes. The first
    /// key encrypts, all keys decrypt. To rotate, append the new key in all processes, then move it to the front in all
    /// processes; a seed is encrypted again when it is used. Without a key no user can set up a second factor
    #[arg(long, env = "HAAT_MFA_KEYS", hide_env_values = true, value_name = "NAME=SECRET")]
    mfa_keys: Option<String>,
    /// Failed passwords allowed before each further attempt has to wait; counted per name on devices that have not logged in
    /// with it, and per user on a device of their own. For codes of a second factor the limit is at most 10
    #[arg(long, env = "HAAT_LOGIN_FAILURES", default_value = "10", value_name = "N")]
    login_failures: String,
    #[command(flatten)]
    bcrypt: BcryptArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BcryptArgs {
    /// Cost of password hashing: each step doubles the time. At least 10 in production
    #[arg(long, env = "HAAT_BCRYPT_COST", default_value = "10", value_name = "N")]
    bcrypt_cost: String,
}

/// The settings of authentication.
#[derive(Debug, Clone)]
pub(crate) struct AuthConfig {
    /// The key that signs tokens; `None` generates one.
    pub(crate) jwt_secret: Option<SecretString>,
    /// The name of that key.
    pub(crate) jwt_key_id: String,
    /// Keys that verify tokens but do not sign any.
    pub(crate) jwt_other_keys: Vec<NamedKey>,
    /// The issuer of tokens.
    pub(crate) jwt_issuer: String,
    /// The audience of tokens.
    pub(crate) jwt_audience: String,
    /// The lifetime of an access token.
    pub(crate) access_token_lifetime: Duration,
    /// The keys that encrypt the seeds of second factors; the first one encrypts.
    pub(crate) mfa_keys: Vec<NamedKey>,
    /// The number of failed attempts allowed before the throttle applies.
    pub(crate) attempt_limit: AttemptLimit,
    /// The cost of bcrypt.
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
        let jwt_secret = non_empty(self.jwt_secret).map(SecretString::from);
        match &jwt_secret {
            Some(secret) if secret.expose_secret().len() < MIN_SECRET_BYTES => problems.note(
                "HAAT_JWT_SECRET",
                format!("must be at least {MIN_SECRET_BYTES} bytes long, for example from `openssl rand -base64 48`"),
            ),
            None if environment == Environment::Production => problems.note(
                "HAAT_JWT_SECRET",
                format!(
                    "is required (at least {MIN_SECRET_BYTES} bytes, for example from `openssl rand -base64 48`); \
                     only HAAT_ENV=development generates one"
                ),
            ),
            _ => {}
        }
        let mfa_keys = named_keys("HAAT_MFA_KEYS", self.mfa_keys, "", problems);
        let is_public = |key: &NamedKey| key.secret.expose_secret() == DEVELOPMENT_MFA_KEY.1;
        if environment == Environment::Production && mfa_keys.iter().any(is_public) {
            problems.note(
                "HAAT_MFA_KEYS",
                "has the key of the demo, which is public; only HAAT_ENV=development accepts it",
            );
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
            mfa_keys,
            jwt_key_id: self.jwt_key_id,
            jwt_issuer: self.jwt_issuer,
            jwt_audience: self.jwt_audience,
            access_token_lifetime: Duration::seconds(i64::try_from(seconds).unwrap_or(900)),
            attempt_limit: AttemptLimit { failures: u32::try_from(failures).unwrap_or(10) },
            bcrypt_cost: self.bcrypt.parse(environment, problems),
        }
    }
}

/// Parses keys as `NAME=SECRET NAME=SECRET`; a name must not repeat or equal `taken`. Errors do not repeat the text, because it
/// contains secrets.
fn named_keys(option: &str, text: Option<String>, taken: &str, problems: &mut Problems) -> Vec<NamedKey> {
    let mut keys: Vec<NamedKey> = Vec::new();
    for key in non_empty(text).unwrap_or_default().split_whitespace() {
        let error = match key.split_once('=') {
            None | Some(("", _)) => "must have the form NAME=SECRET, with spaces between keys",
            Some((id, _)) if id.len() > 64 => "has a key name longer than 64 bytes",
            Some((_, secret)) if secret.len() < MIN_SECRET_BYTES => "has a secret shorter than 32 bytes",
            Some((id, _)) if id == taken || keys.iter().any(|known| known.id == id) => {
                "has the same key name twice"
            }
            Some((id, secret)) => {
                keys.push(NamedKey { id: id.to_owned(), secret: secret.to_owned().into() });
                continue;
            }
        };
        problems.note(option, error);
    }
    keys
}
