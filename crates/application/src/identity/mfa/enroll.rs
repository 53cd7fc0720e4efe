use std::sync::Arc;

use haat_domain::identity::{IdentityTx, SecondFactor, ShownSeed, User};
use secrecy::SecretString;

use super::OwnFactorError;
use super::own::{OwnFactor, held};
use crate::identity::OwnPassword;
use crate::shared::{Actor, Change, Changed};

/// Begins to set up the caller's second factor.
pub struct EnrollMfa {
    own: Arc<OwnFactor>,
    password: Arc<OwnPassword>,
}

impl EnrollMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(own: Arc<OwnFactor>, password: Arc<OwnPassword>) -> Self {
        Self { own, password }
    }

    /// A seed for the caller's app, shown this once. It counts for nothing until a code of it is shown; another one begun takes
    /// its place. Open to who must have one before anything else.
    ///
    /// # Errors
    /// [`OwnFactorError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        password: &SecretString,
        request_id: String,
    ) -> Result<ShownSeed, OwnFactorError> {
        // Whoever finds a phone unlocked must not lock its owner out.
        let user = self.password.confirm(actor, password).await?;
        let seed = self.own.factors.new_seed(&user)?;
        let mut tx = self.own.db.begin().await?;
        if let Err(error) = self.keep(&mut *tx, actor, &seed, request_id).await {
            tx.roll_back().await;
            return Err(error);
        }
        tx.commit().await?;
        Ok(seed)
    }

    async fn keep(
        &self,
        tx: &mut dyn IdentityTx,
        actor: &Actor,
        seed: &ShownSeed,
        request_id: String,
    ) -> Result<(), OwnFactorError> {
        let at = self.own.issuer.now();
        let User { tenant, id, second_factor, token_version, .. } = held(tx, actor).await?.user;
        if second_factor == SecondFactor::On {
            return Err(OwnFactorError::IsOn);
        }
        let session = actor.session.ok_or(OwnFactorError::CallerEnded)?;
        if !tx.sessions().carry_over(tenant, id, session, token_version).await? {
            return Err(OwnFactorError::CallerEnded);
        }
        tx.factors().keep_seed(tenant, id, &seed.sealed, at).await?;
        let changed = Changed {
            action: "user.enroll-mfa",
            entity: "user",
            id: id.to_string(),
            before: None,
            after: None,
        };
        let entry = changed.by(actor, &Change { request_id, ..Change::default() }, at);
        Ok(tx.audit().record(&[entry]).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{
        HeldFactor, MockLoginThrottle, MockRefreshTokens, MockSecondFactors, MockSessionWriter,
        MockUserWriter, SealedSeed,
    };

    use super::*;
    use crate::identity::mfa::testing::{held, password, storage};
    use crate::identity::{GuessLimit, OwnPasswordError};
    use crate::testing::{FakeTx, OneTx, actor, issuer, noon, session_id};

    async fn enroll(held: Option<HeldFactor>, right: bool, goes_on: bool) -> Result<(), OwnFactorError> {
        let mut factors = MockSecondFactors::new();
        factors.expect_new_seed().times(usize::from(right)).returning(|_| {
            let sealed = SealedSeed("new".to_owned());
            Ok(ShownSeed { secret: "ABC".to_owned().into(), uri: "otpauth".to_owned().into(), sealed })
        });
        let mut storage = storage(held);
        storage
            .expect_keep_seed()
            .withf(|_, user, seed, at| (*user, seed.0.as_str(), *at) == (actor().user, "new", noon()))
            .returning(|_, _, _, _| Ok(()));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_carry_over()
            .withf(|_, _, session, version| (*session, *version) == (session_id(), 3))
            .returning(move |_, _, _, _| Ok(goes_on));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                entries[0].action == "user.enroll-mfa" && !format!("{entries:?}").contains("new")
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of((storage, MockUserWriter::new(), sessions)).with_audit(audit));
        let committed = tx.committed();
        let own = OwnFactor::new(
            Arc::new(factors),
            Arc::new(tx),
            issuer(MockRefreshTokens::new()),
            Arc::new(MockLoginThrottle::new()),
            GuessLimit { failures: 10 },
        );
        let use_case = EnrollMfa::new(Arc::new(own), password(right));
        let result = use_case.execute(&actor(), &"Sr@12345".to_owned().into(), "r-1".into()).await;
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok());
        result.map(|_| ())
    }

    #[tokio::test]
    async fn who_shows_their_password_gets_a_seed() {
        for factor in [SecondFactor::Off, SecondFactor::Due] {
            assert_eq!(enroll(Some(held(factor, 0)), true, true).await, Ok(()));
        }
        let wrong = enroll(Some(held(SecondFactor::Off, 0)), false, true).await;
        assert_eq!(wrong, Err(OwnPasswordError::Wrong.into()));
        assert_eq!(enroll(Some(held(SecondFactor::On, 0)), true, true).await, Err(OwnFactorError::IsOn));
        let ended = Err(OwnFactorError::CallerEnded);
        assert_eq!(enroll(Some(held(SecondFactor::Off, 0)), true, false).await, ended);
        assert_eq!(enroll(None, true, true).await, ended);
    }
}
