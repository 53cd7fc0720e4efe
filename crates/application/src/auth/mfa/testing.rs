//! Fakes for the second factor tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use haat_domain::auth::{
    Credential, Digest, FactorCode, MockCredentialReader, MockFactorWriter, MockLoginThrottle,
    MockPasswordHasher, MockSecondFactors, PasswordHash, SealedSeed, SecondFactor, StoredFactor, StoredSeed,
    User,
};

use crate::auth::{AttemptLimit, VerifyPassword};
use crate::testing::{actor, noon, user};

/// Codes of a seed: `123456` belongs to time step 50 (of 30 seconds), and the recovery codes are `a…` and
/// `b…`.
pub(super) fn factors() -> MockSecondFactors {
    let mut factors = MockSecondFactors::new();
    factors.expect_step_of().returning(|user, seed, code, now| {
        assert_eq!((user.id, seed.0.as_str(), now), (actor().user, "sealed", noon()));
        Ok((code == "123456").then_some(50))
    });
    factors.expect_renewed().returning(|_, _| Ok(None));
    factors.expect_digest().returning(|code| Digest([code.as_bytes()[0]; 32]));
    factors.expect_new_recovery_codes().returning(|| {
        Ok([b'a', b'b'].map(|byte| (char::from(byte).to_string().into(), Digest([byte; 32]))).into())
    });
    factors
}

/// A user with this state of the second factor, whose last used code belongs to time step `last`.
pub(super) fn stored_factor(second_factor: SecondFactor, last: i64) -> StoredFactor {
    let user = User { second_factor, ..user("sr00001") };
    let seed =
        StoredSeed { sealed: SealedSeed("sealed".to_owned()), last_totp_step: last, created_at: noon() };
    StoredFactor { user, seed: Some(seed), without: SecondFactor::Off }
}

/// A storage with this factor, in which codes can be consumed.
pub(super) fn storage(stored: Option<StoredFactor>) -> MockFactorWriter {
    let mut storage = MockFactorWriter::new();
    let for_login = stored.clone();
    storage.expect_lock().times(0..=1).return_once(|_, _| Ok(stored));
    storage.expect_lock_for_login().times(0..=1).return_once(|_, _| Ok(for_login));
    storage
        .expect_consume_totp_step()
        .withf(|_, user, step, renewed| (*user, *step, renewed.is_none()) == (actor().user, 50, true))
        .returning(|_, _, _, _| Ok(()));
    storage.expect_consume_recovery_code().returning(|_, _, digest| Ok(*digest == Digest([b'a'; 32])));
    storage
}

/// A throttle that expects `key`, and a flag that is set when the attempt is given back.
pub(super) fn throttle(key: &'static str) -> (MockLoginThrottle, Arc<AtomicBool>) {
    let (mut throttle, given_back) = (MockLoginThrottle::new(), Arc::new(AtomicBool::new(false)));
    throttle.expect_take().withf(move |keys| keys[0].key == key).times(1).returning(|_| Ok(()));
    let flag = given_back.clone();
    throttle.expect_refund().times(0..=1).returning(move |_| flag.store(true, Ordering::SeqCst));
    (throttle, given_back)
}

pub(super) fn totp(code: &str) -> FactorCode {
    FactorCode::Totp(code.to_owned())
}

pub(super) fn recovery(letter: &str) -> FactorCode {
    FactorCode::Recovery(letter.to_owned())
}

/// A password check that accepts every password, or none.
pub(super) fn password(correct: bool) -> Arc<VerifyPassword> {
    let (mut credentials, mut hasher, mut throttle) =
        (MockCredentialReader::new(), MockPasswordHasher::new(), MockLoginThrottle::new());
    credentials.expect_of().returning(|_, _| {
        Ok(Some(Credential { user: user("sr00001"), password_hash: PasswordHash::new("hash".into()) }))
    });
    hasher.expect_verify().returning(move |_, _| Ok(correct));
    throttle.expect_take().returning(|_| Ok(()));
    throttle.expect_refund().return_const(());
    let limit = AttemptLimit { failures: 10 };
    Arc::new(VerifyPassword::new(Arc::new(credentials), Arc::new(hasher), Arc::new(throttle), limit))
}
