//! Fakes that the tests of second factors share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use haat_domain::identity::{
    Credential, Digest, FactorCode, HeldFactor, HeldSeed, MockCredentialReader, MockFactorWriter,
    MockLoginThrottle, MockPasswordHasher, MockSecondFactors, PasswordHash, SealedSeed, SecondFactor, User,
};

use crate::identity::{GuessLimit, OwnPassword};
use crate::testing::{actor, noon, user};

/// Codes of a seed: `123456` is of the 30 seconds 50, and the recovery codes are `a…` and `b…`.
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

/// A user whose factor is so, of which the code of the 30 seconds `last` was used.
pub(super) fn held(second_factor: SecondFactor, last: i64) -> HeldFactor {
    let user = User { second_factor, ..user("sr00001") };
    let seed = HeldSeed { sealed: SealedSeed("sealed".to_owned()), last_step: last, made_at: noon() };
    HeldFactor { user, seed: Some(seed), without: SecondFactor::Off }
}

/// A storage with this, in which a code can be used up.
pub(super) fn storage(held: Option<HeldFactor>) -> MockFactorWriter {
    let mut storage = MockFactorWriter::new();
    let again = held.clone();
    storage.expect_lock().times(0..=1).return_once(|_, _| Ok(held));
    storage.expect_lock_for_login().times(0..=1).return_once(|_, _| Ok(again));
    storage
        .expect_use_step()
        .withf(|_, user, step, renewed| (*user, *step, renewed.is_none()) == (actor().user, 50, true))
        .returning(|_, _, _, _| Ok(()));
    storage.expect_use_recovery().returning(|_, _, digest| Ok(*digest == Digest([b'a'; 32])));
    storage
}

/// A throttle in which one is counted by `key`, and whether it was given back.
pub(super) fn throttle(key: &'static str) -> (MockLoginThrottle, Arc<AtomicBool>) {
    let (mut throttle, given_back) = (MockLoginThrottle::new(), Arc::new(AtomicBool::new(false)));
    throttle.expect_take().withf(move |counted| counted[0].key == key).times(1).returning(|_| Ok(()));
    let told = given_back.clone();
    throttle.expect_give_back().times(0..=1).returning(move |_| told.store(true, Ordering::SeqCst));
    (throttle, given_back)
}

pub(super) fn totp(code: &str) -> FactorCode {
    FactorCode::Totp(code.to_owned())
}

pub(super) fn recovery(letter: &str) -> FactorCode {
    FactorCode::Recovery(letter.to_owned())
}

/// A password that is right, or not.
pub(super) fn password(right: bool) -> Arc<OwnPassword> {
    let (mut credentials, mut hasher, mut counted) =
        (MockCredentialReader::new(), MockPasswordHasher::new(), MockLoginThrottle::new());
    credentials.expect_of().returning(|_, _| {
        Ok(Some(Credential { user: user("sr00001"), password_hash: PasswordHash::new("hash".into()) }))
    });
    hasher.expect_verify().returning(move |_, _| Ok(right));
    counted.expect_take().returning(|_| Ok(()));
    counted.expect_give_back().return_const(());
    let limit = GuessLimit { failures: 10 };
    Arc::new(OwnPassword::new(Arc::new(credentials), Arc::new(hasher), Arc::new(counted), limit))
}
