use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// The signing key of the servers of a run, which is not used beyond the run.
pub(crate) const SECRET: &str = "a-secret-for-benchmarks-0123456789abcdef";

/// The claims of the server's tokens.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    tid: i64,
    sid: String,
    tv: i32,
    iat: u64,
    exp: u64,
}

/// Returns a token for a user of the first tenant.
pub(crate) fn token(user: i64) -> Outcome<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = Claims {
        iss: "haat".into(),
        aud: "haat-api".into(),
        sub: user.to_string(),
        tid: 1,
        // The session is created with the dataset.
        sid: format!("00000000-0000-0000-0000-{user:012}"),
        tv: 1,
        iat: now,
        exp: now + 40_000,
    };
    let header = Header { kid: Some("1".into()), ..Header::new(Algorithm::HS256) };
    Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes()))?)
}

/// Verifies tokens as any server must.
pub(crate) struct Verifier(DecodingKey, Validation);

impl Verifier {
    pub(crate) fn new() -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["haat-api"]);
        validation.set_issuer(&["haat"]);
        Self(DecodingKey::from_secret(SECRET.as_bytes()), validation)
    }

    /// Returns the user of a token.
    pub(crate) fn user(&self, authorization: &str) -> Option<i64> {
        let token = authorization.strip_prefix("Bearer ")?;
        jsonwebtoken::decode::<Claims>(token, &self.0, &self.1).ok()?.claims.sub.parse().ok()
    }
}
