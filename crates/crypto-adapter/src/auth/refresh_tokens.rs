use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use haat_domain::auth::{Digest, PresentedToken, RefreshTokens, Seed, TokenChain};
use haat_domain::shared::{SessionId, TenantId};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The prefix of every token, which makes one recognizable in a log or a repository.
const PREFIX: &str = "hrt_";

/// The size of a token: tenant, session, the family that all tokens of a session share, and a key of its own.
const BYTES: usize = 8 + 16 + FAMILY + KEY;
const FAMILY: usize = 16;
const KEY: usize = 32;

/// Refresh tokens of 384 random bits. Each token is derived from the previous one by HMAC-SHA-256 with a seed stored in the
/// database. An old token or a copy of the database alone does not yield a new token, and an exchange whose response was lost
/// returns the same token again.
pub struct ChainedRefreshTokens;

/// The parts of a token.
struct Parts {
    tenant: i64,
    session: Uuid,
    family: [u8; FAMILY],
    key: [u8; KEY],
}

impl Parts {
    fn read(token: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let bytes: [u8; BYTES] = bytes.try_into().ok()?;
        let (tenant, rest) = bytes.split_first_chunk()?;
        let (session, rest) = rest.split_first_chunk()?;
        let (family, rest) = rest.split_first_chunk()?;
        let (key, _) = rest.split_first_chunk()?;
        Some(Self {
            tenant: i64::from_be_bytes(*tenant),
            session: Uuid::from_bytes(*session),
            family: *family,
            key: *key,
        })
    }

    fn write(&self) -> SecretString {
        let tenant = self.tenant.to_be_bytes();
        let bytes = [tenant.as_slice(), self.session.as_bytes(), &self.family, &self.key].concat();
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    fn presented(&self) -> PresentedToken {
        PresentedToken {
            tenant: TenantId::new(self.tenant),
            session: SessionId::new(self.session),
            family: Digest(Sha256::digest(self.family).into()),
            key: self.digest(),
        }
    }

    fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.key).into())
    }
}

impl RefreshTokens for ChainedRefreshTokens {
    fn first(&self, tenant: TenantId, session: SessionId) -> Result<(SecretString, TokenChain), String> {
        let mut parts =
            Parts { tenant: tenant.get(), session: session.get(), family: [0; FAMILY], key: [0; KEY] };
        let mut seed = [0; 32];
        for random in [parts.family.as_mut_slice(), &mut parts.key, &mut seed] {
            getrandom::fill(random).map_err(|error| error.to_string())?;
        }
        let family = Digest(Sha256::digest(parts.family).into());
        let chain =
            TokenChain { family, current: parts.digest(), previous: None, seed: Seed(seed), replaced: None };
        Ok((parts.write(), chain))
    }

    fn read(&self, token: &str) -> Option<PresentedToken> {
        Parts::read(token).map(|parts| parts.presented())
    }

    fn next(&self, token: &str, seed: &Seed) -> Option<(SecretString, Digest)> {
        let parts = Parts::read(token)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&seed.0).ok()?;
        mac.update(parts.session.as_bytes());
        mac.update(&parts.key);
        let next = Parts { key: mac.finalize().into_bytes().into(), ..parts };
        Some((next.write(), next.digest()))
    }

    fn derive(
        &self,
        tenant: TenantId,
        session: SessionId,
        request: &SecretString,
        seed: &Seed,
    ) -> Result<(SecretString, PresentedToken), String> {
        let part = |label: &[u8]| -> Result<[u8; KEY], String> {
            let mut mac = Hmac::<Sha256>::new_from_slice(&seed.0).map_err(|error| error.to_string())?;
            mac.update(label);
            mac.update(session.get().as_bytes());
            mac.update(request.expose_secret().as_bytes());
            Ok(mac.finalize().into_bytes().into())
        };
        let mut family = [0; FAMILY];
        family.copy_from_slice(&part(b"family")?[..FAMILY]);
        let parts = Parts { tenant: tenant.get(), session: session.get(), family, key: part(b"key")? };
        Ok((parts.write(), parts.presented()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> (String, TokenChain) {
        let session = SessionId::new(Uuid::from_u128(70));
        let (token, chain) = ChainedRefreshTokens.first(TenantId::new(3), session).unwrap();
        (token.expose_secret().to_owned(), chain)
    }

    #[test]
    fn reads_the_parts_of_a_token() {
        let (token, chain) = first();
        assert!(token.starts_with("hrt_") && token.len() == 100, "{token}");
        let presented = ChainedRefreshTokens.read(&token).unwrap();
        assert_eq!((presented.tenant.get(), presented.session.get()), (3, Uuid::from_u128(70)));
        assert_eq!((presented.family, presented.key), (chain.family, chain.current));
        assert_ne!(first().0, token);
    }

    #[test]
    fn the_next_token_is_deterministic_and_of_the_same_session() {
        let (token, chain) = first();
        let (next, digest) = ChainedRefreshTokens.next(&token, &chain.seed).unwrap();
        let (again, _) = ChainedRefreshTokens.next(&token, &chain.seed).unwrap();
        assert_eq!(next.expose_secret(), again.expose_secret());
        let presented = ChainedRefreshTokens.read(next.expose_secret()).unwrap();
        assert_eq!((presented.family, presented.key), (chain.family, digest));
        assert_ne!(digest, chain.current);
        // Another seed gives another token.
        let (other, _) = ChainedRefreshTokens.next(&token, &Seed([0; 32])).unwrap();
        assert_ne!(other.expose_secret(), next.expose_secret());
    }

    #[test]
    fn a_request_yields_the_same_token_only_with_the_same_seed_and_session() {
        let derive = |session: u128, request: &str, seed: u8| {
            let (session, request) = (SessionId::new(Uuid::from_u128(session)), request.to_owned().into());
            let (token, presented) =
                ChainedRefreshTokens.derive(TenantId::new(3), session, &request, &Seed([seed; 32])).unwrap();
            assert_eq!(ChainedRefreshTokens.read(token.expose_secret()), Some(presented));
            token.expose_secret().to_owned()
        };
        let token = derive(70, "request", 1);
        assert_eq!(derive(70, "request", 1), token);
        for other in [derive(71, "request", 1), derive(70, "another", 1), derive(70, "request", 2)] {
            assert_ne!(other, token);
        }
    }

    #[test]
    fn rejects_malformed_tokens() {
        let (token, _) = first();
        let cut = &token[..token.len() - 1];
        for text in ["", "hrt_", cut, &format!("{token}A"), &token.replace("hrt_", ""), "hrt_%", "a.b.c"] {
            assert!(ChainedRefreshTokens.read(text).is_none(), "{text}");
        }
    }
}
