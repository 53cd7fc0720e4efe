use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chrono::{DateTime, Utc};
use haat_domain::auth::{
    Digest, FactorCode, FactorFailure, NewRecoveryCode, RevealedSeed, SealedSeed, SecondFactors, User,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

use super::NamedKey;
use super::letters::random_letters;

/// The issuer that authenticator apps display.
const ISSUER: &str = "Haat";

/// The size of a seed in bytes: 160 bits (RFC 4226 section 4, R6).
const SEED_BYTES: usize = 20;

/// The size of a nonce in bytes: large enough that random nonces do not repeat (draft-irtf-cfrg-xchacha section 3).
const NONCE_BYTES: usize = 24;

/// The number of recovery codes of a user.
const RECOVERY_CODES: usize = 10;

/// Codes of authenticator apps (RFC 6238): six digits of HMAC-SHA-1 every 30 seconds, the only variant that all apps support.
/// A code is accepted 30 seconds early and late, because clocks differ. Seeds are sealed with XChaCha20-Poly1305 for one user:
/// a seed copied to the row of another user cannot be opened.
pub struct TotpFactors {
    /// The first key seals; each key opens the seeds it has sealed. Without keys there are no second factors.
    keys: Vec<(String, XChaCha20Poly1305)>,
}

fn broken(error: impl std::fmt::Display) -> FactorFailure {
    FactorFailure::Broken(error.to_string())
}

impl TotpFactors {
    /// Creates the factors from random keys of at least 32 bytes.
    #[must_use]
    pub fn new(keys: &[NamedKey]) -> Self {
        let cipher = |key: &NamedKey| {
            let bytes = Sha256::digest(key.secret.expose_secret());
            (key.id.clone(), XChaCha20Poly1305::new(&<[u8; 32]>::from(bytes).into()))
        };
        Self { keys: keys.iter().map(cipher).collect() }
    }

    /// Seals a known seed of a user, for demo data.
    ///
    /// # Errors
    /// [`FactorFailure`]; `Broken` if `secret` is not Base32.
    pub fn seal_known(&self, user: &User, secret: &str) -> Result<SealedSeed, FactorFailure> {
        let seed = totp_rs::Secret::try_from_base32(secret).map_err(broken)?;
        self.seal(user, seed.as_bytes())
    }

    fn seal(&self, user: &User, seed: &[u8]) -> Result<SealedSeed, FactorFailure> {
        let (id, cipher) = self.keys.first().ok_or(FactorFailure::NotConfigured)?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(broken)?;
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: seed, aad: &associated_data(user) });
        let bytes = [nonce.as_slice(), &sealed.map_err(broken)?].concat();
        Ok(SealedSeed(format!("{id}:{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))))
    }

    fn unseal(&self, user: &User, sealed: &SealedSeed) -> Result<Vec<u8>, FactorFailure> {
        if self.keys.is_empty() {
            return Err(FactorFailure::NotConfigured);
        }
        let (id, text) = sealed.0.rsplit_once(':').ok_or_else(|| broken("a stored seed has no key name"))?;
        let key = self.keys.iter().find(|(known, _)| known == id);
        let (_, cipher) = key
            .ok_or_else(|| broken(format!("HAAT_MFA_KEYS lacks the key {id}, which sealed a stored seed")))?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(broken)?;
        let (nonce, sealed) =
            bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| broken("a stored seed is too short"))?;
        let opened =
            cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &associated_data(user) });
        opened.map_err(|_forged| {
            broken(format!("the key {id} of HAAT_MFA_KEYS is not the key that sealed a stored seed"))
        })
    }
}

/// The associated data of a sealed seed: the user it belongs to.
fn associated_data(user: &User) -> Vec<u8> {
    format!("totp {} {}", user.tenant, user.id).into_bytes()
}

fn totp(user: &User, seed: Vec<u8>) -> Result<Totp, FactorFailure> {
    let builder = Builder::new().with_secret(seed).with_account_name(user.username.as_str());
    builder.with_issuer(Some(ISSUER)).build().map_err(broken)
}

impl SecondFactors for TotpFactors {
    fn new_seed(&self, user: &User) -> Result<RevealedSeed, FactorFailure> {
        let mut seed = [0; SEED_BYTES];
        getrandom::fill(&mut seed).map_err(broken)?;
        let sealed = self.seal(user, &seed)?;
        let totp = totp(user, seed.to_vec())?;
        let uri = totp.to_url().map_err(broken)?;
        Ok(RevealedSeed { secret: totp.secret().to_base32().into(), uri: uri.into(), sealed })
    }

    fn step_of(
        &self,
        user: &User,
        seed: &SealedSeed,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, FactorFailure> {
        let totp = totp(user, self.unseal(user, seed)?)?;
        let step = totp.check(code, u64::try_from(now.timestamp()).map_err(broken)?);
        step.map(i64::try_from).transpose().map_err(broken)
    }

    fn renewed(&self, user: &User, seed: &SealedSeed) -> Result<Option<SealedSeed>, FactorFailure> {
        let (first, _) = self.keys.first().ok_or(FactorFailure::NotConfigured)?;
        if seed.0.rsplit_once(':').is_some_and(|(id, _)| id == first) {
            return Ok(None);
        }
        self.seal(user, &self.unseal(user, seed)?).map(Some)
    }

    fn new_recovery_codes(&self) -> Result<Vec<NewRecoveryCode>, FactorFailure> {
        let new_code = |_| {
            let code = random_letters(FactorCode::LETTERS).map_err(FactorFailure::Broken)?;
            let digest = self.digest(&code.replace('-', ""));
            Ok((SecretString::from(code), digest))
        };
        (0..RECOVERY_CODES).map(new_code).collect()
    }

    fn digest(&self, recovery: &str) -> Digest {
        Digest(Sha256::digest(recovery).into())
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{PersonName, SecondFactor, Username};
    use haat_domain::shared::{Role, TenantId, UserId};

    use super::*;

    fn user(id: i64) -> User {
        User {
            id: UserId::new(id),
            tenant: TenantId::new(1),
            username: Username::parse("admin").unwrap(),
            name: PersonName::parse("Karima Begum").unwrap(),
            phone: None,
            email: None,
            role: Role::Admin,
            team: None,
            grants: haat_domain::auth::Grants::Role(Role::Admin),
            active: true,
            must_change_password: false,
            second_factor: SecondFactor::Off,
            token_version: 1,
        }
    }

    fn factors(ids: &[&str]) -> TotpFactors {
        let key = |id: &&str| NamedKey { id: (*id).to_owned(), secret: format!("the key {id}").into() };
        TotpFactors::new(&ids.iter().map(key).collect::<Vec<_>>())
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238 appendix B lists codes of eight digits for this seed; apps show the last six.
    #[test]
    fn totp_codes_match_rfc_6238() {
        let factors = factors(&["1"]);
        let sealed = factors.seal(&user(7), b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = |seconds| factors.step_of(&user(7), &sealed, code, at(seconds)).unwrap();
            assert_eq!(step(seconds), Some(seconds / 30), "{seconds}");
            assert_eq!((step(seconds + 30), step(seconds - 30)), (Some(seconds / 30), Some(seconds / 30)));
            assert_eq!((step(seconds + 90), step(seconds + 3_600)), (None, None));
        }
    }

    #[test]
    fn a_new_seed_has_the_form_that_apps_expect() {
        let revealed = factors(&["1"]).new_seed(&user(7)).unwrap();
        let (secret, uri) = (revealed.secret.expose_secret(), revealed.uri.expose_secret());
        assert_eq!(secret.len(), 32, "160 bits, 5 per letter");
        assert!(uri.starts_with("otpauth://totp/Haat:admin?") && uri.contains(&format!("secret={secret}")));
        assert!(uri.contains("issuer=Haat") && !revealed.sealed.0.contains(secret));
    }

    #[test]
    fn sealed_seed_opens_only_for_its_user_and_key() {
        let (old, both) = (factors(&["1"]), factors(&["2", "1"]));
        let sealed = old.seal(&user(7), &[5; SEED_BYTES]).unwrap();
        assert_eq!(old.unseal(&user(7), &sealed).unwrap(), [5; SEED_BYTES]);
        assert_ne!(old.seal(&user(7), &[5; SEED_BYTES]).unwrap(), sealed, "a new nonce each time");
        for (factors, user) in [(&old, user(8)), (&factors(&["2"]), user(7))] {
            assert!(matches!(factors.unseal(&user, &sealed), Err(FactorFailure::Broken(_))));
        }
        let forged = SealedSeed(sealed.0.replace("1:", "2:"));
        assert!(both.unseal(&user(7), &forged).is_err());
        // After a key rotation, a seed sealed with the old key is sealed again.
        assert_eq!(old.renewed(&user(7), &sealed), Ok(None));
        let renewed = both.renewed(&user(7), &sealed).unwrap().unwrap();
        assert_eq!(factors(&["2"]).unseal(&user(7), &renewed).unwrap(), [5; SEED_BYTES]);
    }

    #[test]
    fn without_keys_second_factors_are_not_configured() {
        assert_eq!(factors(&[]).new_seed(&user(7)).err(), Some(FactorFailure::NotConfigured));
        let sealed = factors(&["1"]).seal(&user(7), &[5; SEED_BYTES]).unwrap();
        let step = factors(&[]).step_of(&user(7), &sealed, "123456", at(59));
        assert_eq!(step, Err(FactorFailure::NotConfigured));
    }

    #[test]
    fn recovery_codes_are_parsed_as_they_are_displayed() {
        let codes = factors(&["1"]).new_recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        for (displayed, stored) in &codes {
            let Some(FactorCode::Recovery(code)) = FactorCode::parse(displayed.expose_secret()) else {
                panic!("{displayed:?}");
            };
            assert_eq!(factors(&["1"]).digest(&code), *stored);
            assert_eq!(codes.iter().filter(|(_, other)| other == stored).count(), 1);
        }
    }
}
