use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::auth::{AccessClaims, AccessTokenError, AccessTokens};
use haat_domain::shared::{Clock, SessionId, TenantId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::NamedKey;

/// The only accepted algorithm; the header of a token cannot choose another.
const ALGORITHM: Algorithm = Algorithm::HS256;

/// The settings for issuing and verifying tokens.
pub struct JwtSettings {
    /// The key that signs tokens.
    pub key: NamedKey,
    /// Keys that only verify: the previous key, and the next one until all processes have it.
    pub other_keys: Vec<NamedKey>,
    /// The issuer of tokens; tokens of other issuers are rejected.
    pub issuer: String,
    /// The audience of access tokens; tokens for other audiences are rejected.
    pub audience: String,
}

/// Access tokens as JSON Web Tokens (RFC 7519), signed with HMAC-SHA-256.
pub struct JwtTokens {
    header: Header,
    encoding: EncodingKey,
    /// Keys by name.
    decoding: HashMap<String, DecodingKey>,
    validation: Validation,
    pub(super) challenge_validation: Validation,
    pub(super) issuer: String,
    audience: String,
    pub(super) challenge_audience: String,
    clock: Arc<dyn Clock>,
}

/// The claims of an access token: `sub` is the user, `tid` the tenant, `sid` the session, `tv` the token version; the other
/// names are registered in RFC 7519.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    tid: i64,
    sid: Uuid,
    tv: i32,
    iat: i64,
    exp: i64,
}

impl JwtTokens {
    /// Creates the issuer and verifier of tokens; the clock decides when a token has expired.
    #[must_use]
    pub fn new(settings: JwtSettings, clock: Arc<dyn Clock>) -> Self {
        let challenge_audience = format!("{}/mfa", settings.audience);
        let validation = |audience: &str| {
            let mut validation = Validation::new(ALGORITHM);
            validation.set_issuer(&[&settings.issuer]);
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
            // `require_unexpired` checks it with the injected clock instead of the library's.
            validation.validate_exp = false;
            validation
        };
        let bytes = |key: &NamedKey| key.secret.expose_secret().as_bytes().to_vec();
        let encoding = EncodingKey::from_secret(&bytes(&settings.key));
        let keys = settings.other_keys.iter().chain([&settings.key]);
        let decoding = keys.map(|key| (key.id.clone(), DecodingKey::from_secret(&bytes(key)))).collect();
        Self {
            header: Header { kid: Some(settings.key.id), ..Header::new(ALGORITHM) },
            encoding,
            decoding,
            validation: validation(&settings.audience),
            challenge_validation: validation(&challenge_audience),
            issuer: settings.issuer,
            audience: settings.audience,
            challenge_audience,
            clock,
        }
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<SecretString, String> {
        let token = jsonwebtoken::encode(&self.header, claims, &self.encoding);
        token.map(SecretString::from).map_err(|error| error.to_string())
    }

    /// Returns the claims of a token that one of the keys has signed, without checking its expiry.
    pub(super) fn read<C: DeserializeOwned>(
        &self,
        token: &str,
        validation: &Validation,
    ) -> Result<C, AccessTokenError> {
        let invalid = |_| AccessTokenError::Invalid;
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        let key = header.kid.and_then(|kid| self.decoding.get(&kid)).ok_or(AccessTokenError::Invalid)?;
        jsonwebtoken::decode(token, key, validation).map(|token| token.claims).map_err(invalid)
    }

    /// Returns the expiry if it is in the future, otherwise [`AccessTokenError::Expired`].
    pub(super) fn require_unexpired(&self, expiry: DateTime<Utc>) -> Result<DateTime<Utc>, AccessTokenError> {
        if expiry > self.clock.now() { Ok(expiry) } else { Err(AccessTokenError::Expired) }
    }
}

pub(super) fn timestamp(seconds: i64) -> Result<DateTime<Utc>, AccessTokenError> {
    DateTime::from_timestamp(seconds, 0).ok_or(AccessTokenError::Invalid)
}

impl AccessTokens for JwtTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, String> {
        self.sign(&Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: claims.user.to_string(),
            tid: claims.tenant.get(),
            sid: claims.session.get(),
            tv: claims.token_version,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        })
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError> {
        let claims: Claims = self.read(token, &self.validation)?;
        let expires_at = self.require_unexpired(timestamp(claims.exp)?)?;
        Ok(AccessClaims {
            tenant: TenantId::new(claims.tid),
            user: UserId::new(claims.sub.parse().map_err(|_not_an_id| AccessTokenError::Invalid)?),
            session: SessionId::new(claims.sid),
            token_version: claims.tv,
            issued_at: timestamp(claims.iat)?,
            expires_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use haat_domain::shared::MockClock;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn key(id: &str, secret: &str) -> NamedKey {
        NamedKey { id: id.to_owned(), secret: secret.to_owned().into() }
    }

    fn tokens(secret: &str, key_id: &str, issuer: &str, audience: &str, now: i64) -> JwtTokens {
        let settings = JwtSettings {
            key: key(key_id, secret),
            other_keys: vec![key("next", "a-key-of-32-bytes-that-comes-next")],
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
        };
        let mut clock = MockClock::new();
        clock.expect_now().returning(move || DateTime::from_timestamp(now, 0).unwrap());
        JwtTokens::new(settings, Arc::new(clock))
    }

    fn current(now: i64) -> JwtTokens {
        tokens("0123456789abcdef0123456789abcdef", "1", "haat", "haat-api", now)
    }

    fn claims() -> AccessClaims {
        let issued_at = DateTime::from_timestamp(NOW, 0).unwrap();
        AccessClaims {
            tenant: TenantId::new(3),
            user: UserId::new(7),
            session: SessionId::new(Uuid::from_u128(70)),
            token_version: 2,
            issued_at,
            expires_at: issued_at + Duration::hours(12),
        }
    }

    fn token(issuer: &JwtTokens) -> String {
        issuer.issue(&claims()).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn verifies_the_claims_of_an_issued_token() {
        assert_eq!(current(NOW).verify(&token(&current(NOW))), Ok(claims()));
    }

    #[test]
    fn a_token_expires_at_its_second() {
        let token = token(&current(NOW));
        assert!(current(NOW + 43_199).verify(&token).is_ok());
        assert_eq!(current(NOW + 43_200).verify(&token), Err(AccessTokenError::Expired));
    }

    #[test]
    fn rejects_other_keys_issuers_audiences_and_key_ids() {
        let secret = "0123456789abcdef0123456789abcdef";
        for other in [
            tokens("another-key-of-32-bytes-or-more!", "1", "haat", "haat-api", NOW),
            tokens(secret, "2", "haat", "haat-api", NOW),
            tokens(secret, "1", "other", "haat-api", NOW),
            tokens(secret, "1", "haat", "other", NOW),
        ] {
            assert_eq!(current(NOW).verify(&token(&other)), Err(AccessTokenError::Invalid));
        }
    }

    #[test]
    fn key_rotation_keeps_issued_tokens_valid() {
        let next = tokens("a-key-of-32-bytes-that-comes-next", "next", "haat", "haat-api", NOW);
        assert_eq!(current(NOW).verify(&token(&next)), Ok(claims()), "before the new key signs here");
        let mut after = tokens("a-key-of-32-bytes-that-comes-next", "next", "haat", "haat-api", NOW);
        after.decoding.insert("1".into(), DecodingKey::from_secret(b"0123456789abcdef0123456789abcdef"));
        assert_eq!(after.verify(&token(&current(NOW))), Ok(claims()), "after the new key signs");
        // The secret of one key under the name of the other.
        let mixed = tokens("0123456789abcdef0123456789abcdef", "next", "haat", "haat-api", NOW);
        assert_eq!(current(NOW).verify(&token(&mixed)), Err(AccessTokenError::Invalid));
    }

    #[test]
    fn rejects_other_signature_algorithms() {
        let key = EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
        let claims = serde_json::json!({
            "iss": "haat", "aud": "haat-api", "sub": "7", "tid": 3, "sid": Uuid::nil(), "tv": 2, "iat": NOW,
            "exp": NOW + 100,
        });
        let sign = |algorithm| {
            let header = Header { kid: Some("1".into()), ..Header::new(algorithm) };
            jsonwebtoken::encode(&header, &claims, &key).unwrap()
        };
        assert!(current(NOW).verify(&sign(Algorithm::HS256)).is_ok());
        assert_eq!(current(NOW).verify(&sign(Algorithm::HS512)), Err(AccessTokenError::Invalid));
        // {"alg":"none","kid":"1","typ":"JWT"}, with and without a signature.
        let good = sign(Algorithm::HS256);
        let mut parts = good.split('.').skip(1);
        let (body, signature) = (parts.next().unwrap(), parts.next().unwrap());
        let none = "eyJhbGciOiJub25lIiwia2lkIjoiMSIsInR5cCI6IkpXVCJ9";
        for forged in [format!("{none}.{body}."), format!("{none}.{body}.{signature}"), good.replace('.', "")]
        {
            assert_eq!(current(NOW).verify(&forged), Err(AccessTokenError::Invalid));
        }
    }

    #[test]
    fn rejects_tokens_without_expiry() {
        let key = EncodingKey::from_secret(b"0123456789abcdef0123456789abcdef");
        let header = Header { kid: Some("1".into()), ..Header::new(ALGORITHM) };
        let claims = serde_json::json!({"iss": "haat", "aud": "haat-api", "sub": "7", "tid": 3, "sid": Uuid::nil(), "tv": 2, "iat": NOW});
        let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        assert_eq!(current(NOW).verify(&token), Err(AccessTokenError::Invalid));
    }
}
