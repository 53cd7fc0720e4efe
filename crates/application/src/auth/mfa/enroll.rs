use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{AuthTx, RevealedSeed, SecondFactor, User};
use secrecy::SecretString;

use super::SelfServiceMfaError;
use super::self_service::{SelfServiceMfa, lock_caller};
use crate::auth::VerifyPassword;
use crate::shared::{Actor, AuditedChange};

/// Starts the enrollment of the caller's second factor.
pub struct EnrollMfa {
    mfa: Arc<SelfServiceMfa>,
    password: Arc<VerifyPassword>,
}

impl EnrollMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(mfa: Arc<SelfServiceMfa>, password: Arc<VerifyPassword>) -> Self {
        Self { mfa, password }
    }

    /// Returns a new seed for the caller's authenticator app. The seed is shown only once and takes effect
    /// when a code of it is verified; a new enrollment replaces it. Also open to a caller whose only allowed
    /// action is to enroll.
    ///
    /// # Errors
    /// [`SelfServiceMfaError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        password: &SecretString,
        request_id: String,
    ) -> Result<RevealedSeed, SelfServiceMfaError> {
        // Requires the password, so that the finder of an unlocked phone cannot lock its owner out.
        let user = self.password.confirm(actor, password).await?;
        let seed = self.mfa.factors.new_seed(&user)?;
        let mut tx = self.mfa.db.begin().await?;
        if let Err(error) = self.save(&mut *tx, actor, &seed, request_id).await {
            tx.roll_back().await;
            return Err(error);
        }
        tx.commit().await?;
        Ok(seed)
    }

    async fn save(
        &self,
        tx: &mut dyn AuthTx,
        actor: &Actor,
        seed: &RevealedSeed,
        request_id: String,
    ) -> Result<(), SelfServiceMfaError> {
        let at = self.mfa.issuer.now();
        let User { tenant, id, second_factor, token_version, .. } = lock_caller(tx, actor).await?.user;
        if second_factor == SecondFactor::On {
            return Err(SelfServiceMfaError::IsOn);
        }
        let session = actor.session.ok_or(SelfServiceMfaError::CallerEnded)?;
        if !tx.sessions().carry_over(tenant, id, session, token_version).await? {
            return Err(SelfServiceMfaError::CallerEnded);
        }
        tx.factors().save_seed(tenant, id, &seed.sealed, at).await?;
        let enrolled = AuditedChange::event(AuditAction::UserEnrollMfa, id.to_string());
        let entry = enrolled.in_request(actor, &request_id, at);
        Ok(tx.audit().record(&[entry]).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{
        MockLoginThrottle, MockRefreshTokens, MockSecondFactors, MockSessionWriter, SealedSeed, StoredFactor,
    };

    use super::*;
    use crate::auth::mfa::testing::{password, storage, stored_factor};
    use crate::auth::{AttemptLimit, VerifyPasswordError};
    use crate::testing::{FakeTx, OneTx, actor, issuer, noon, session_id};

    async fn enroll(
        stored: Option<StoredFactor>,
        correct_password: bool,
        session_continues: bool,
    ) -> Result<(), SelfServiceMfaError> {
        let mut factors = MockSecondFactors::new();
        factors.expect_new_seed().times(usize::from(correct_password)).returning(|_| {
            let sealed = SealedSeed("new".to_owned());
            Ok(RevealedSeed { secret: "ABC".to_owned().into(), uri: "otpauth".to_owned().into(), sealed })
        });
        let mut storage = storage(stored);
        storage
            .expect_save_seed()
            .withf(|_, user, seed, at| (*user, seed.0.as_str(), *at) == (actor().user, "new", noon()))
            .returning(|_, _, _, _| Ok(()));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_carry_over()
            .withf(|_, _, session, version| (*session, *version) == (session_id(), 3))
            .returning(move |_, _, _, _| Ok(session_continues));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                entries[0].action == AuditAction::UserEnrollMfa && !format!("{entries:?}").contains("new")
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of((storage, sessions)).with_audit(audit));
        let committed = tx.committed();
        let mfa = SelfServiceMfa::new(
            Arc::new(factors),
            Arc::new(tx),
            issuer(MockRefreshTokens::new()),
            Arc::new(MockLoginThrottle::new()),
            AttemptLimit { failures: 10 },
        );
        let use_case = EnrollMfa::new(Arc::new(mfa), password(correct_password));
        let result = use_case.execute(&actor(), &"Sr@12345".to_owned().into(), "r-1".into()).await;
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok());
        result.map(|_| ())
    }

    #[tokio::test]
    async fn returns_a_seed_after_checking_the_password() {
        for factor in [SecondFactor::Off, SecondFactor::Due] {
            assert_eq!(enroll(Some(stored_factor(factor, 0)), true, true).await, Ok(()));
        }
        let incorrect = enroll(Some(stored_factor(SecondFactor::Off, 0)), false, true).await;
        assert_eq!(incorrect, Err(VerifyPasswordError::Incorrect.into()));
        assert_eq!(
            enroll(Some(stored_factor(SecondFactor::On, 0)), true, true).await,
            Err(SelfServiceMfaError::IsOn)
        );
        let ended = Err(SelfServiceMfaError::CallerEnded);
        assert_eq!(enroll(Some(stored_factor(SecondFactor::Off, 0)), true, false).await, ended);
        assert_eq!(enroll(None, true, true).await, ended);
    }
}
