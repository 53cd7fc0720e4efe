use haat_domain::auth::{AccessTokenError, Challenge, ChallengeTokens, DeviceId};
use haat_domain::shared::{TenantId, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jwt::{JwtTokens, timestamp};

/// The claims of a challenge token, named as those of an access token; `did` is a device of the user's own.
#[derive(Serialize, Deserialize)]
struct Claims {
    jti: Uuid,
    iss: String,
    aud: String,
    sub: String,
    tid: i64,
    tv: i32,
    did: Option<String>,
    exp: i64,
}

/// Challenge tokens have another audience than access tokens, so that neither is accepted as the other.
impl ChallengeTokens for JwtTokens {
    fn issue(&self, challenge: &Challenge) -> Result<SecretString, String> {
        self.sign(&Claims {
            jti: challenge.id,
            iss: self.issuer.clone(),
            aud: self.challenge_audience.clone(),
            sub: challenge.user.to_string(),
            tid: challenge.tenant.get(),
            tv: challenge.token_version,
            did: challenge.own_device.as_ref().map(|device| device.as_str().to_owned()),
            exp: challenge.expires_at.timestamp(),
        })
    }

    fn verify(&self, token: &str) -> Result<Challenge, AccessTokenError> {
        let claims: Claims = self.read(token, &self.challenge_validation)?;
        Ok(Challenge {
            id: claims.jti,
            tenant: TenantId::new(claims.tid),
            user: UserId::new(claims.sub.parse().map_err(|_not_an_id| AccessTokenError::Invalid)?),
            token_version: claims.tv,
            own_device: claims.did.as_deref().and_then(DeviceId::parse),
            expires_at: self.require_unexpired(timestamp(claims.exp)?)?,
        })
    }
}
