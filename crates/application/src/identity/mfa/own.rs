//! What setting up and taking away one's own second factor have in common.

use std::sync::Arc;
use std::time::Duration;

use haat_domain::identity::{
    Digest, FactorCode, FactorFailure, HeldFactor, HeldSeed, IdentityTx, LoginThrottle, SecondFactor,
    SecondFactors, SessionId, User,
};
use haat_domain::shared::{Begin, StorageFailure};

use super::prove::prove;
use crate::identity::issuer::{IssueError, Issuer};
use crate::identity::{GuessLimit, LoggedIn, OwnPasswordError};
use crate::shared::{Actor, Change, Changed};

/// Why somebody's second factor stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnFactorError {
    /// The caller may not act any more, or it has been changed at this moment.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// They have one already.
    #[error("there is a second factor already")]
    IsOn,
    /// They have none, or have not begun to set one up, or too long ago.
    #[error("there is no second factor")]
    IsOff,
    /// That is not the caller's password.
    #[error(transparent)]
    Password(#[from] OwnPasswordError),
    /// The code is wrong, or was used before.
    #[error("that is not the code")]
    WrongCode,
    /// Too many were wrong; more may be tried after so long.
    #[error("too many wrong codes")]
    TooManyFailures(Duration),
    /// The code could not be checked.
    #[error(transparent)]
    Factor(#[from] FactorFailure),
    /// No token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// How to turn the caller's second factor.
pub(super) enum Turn<'a> {
    /// On, with these recovery codes.
    On(&'a [Digest]),
    /// Off.
    Off,
}

/// The caller's own second factor.
pub struct OwnFactor {
    pub(super) factors: Arc<dyn SecondFactors>,
    pub(super) db: Arc<dyn Begin<dyn IdentityTx>>,
    pub(super) issuer: Arc<Issuer>,
    throttle: Arc<dyn LoginThrottle>,
    limit: GuessLimit,
}

impl OwnFactor {
    /// Builds it.
    #[must_use]
    pub fn new(
        factors: Arc<dyn SecondFactors>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        issuer: Arc<Issuer>,
        throttle: Arc<dyn LoginThrottle>,
        limit: GuessLimit,
    ) -> Self {
        Self { factors, db, issuer, throttle, limit }
    }

    /// Turns it on or off for who shows a code, and lets the caller's session go on alone: whoever had the password and no
    /// factor before is out.
    pub(super) async fn change(
        &self,
        actor: &Actor,
        code: Option<&FactorCode>,
        turn: Turn<'_>,
        request_id: String,
    ) -> Result<LoggedIn, OwnFactorError> {
        let session = actor.session.ok_or(OwnFactorError::CallerEnded)?;
        // Apart from strangers who have the password and guess at the login.
        let (whose, apart) = ((actor.tenant, actor.user), session.to_string());
        let counted = self.limit.of_code(whose, code, &apart, &apart);
        self.throttle.take(&counted).await.map_err(OwnFactorError::TooManyFailures)?;
        let result = self.change_counted((actor, session), code, turn, request_id).await;
        if !matches!(result, Err(OwnFactorError::WrongCode)) {
            self.throttle.give_back(&counted).await;
        }
        result
    }

    async fn change_counted(
        &self,
        caller: (&Actor, SessionId),
        code: Option<&FactorCode>,
        turn: Turn<'_>,
        request_id: String,
    ) -> Result<LoggedIn, OwnFactorError> {
        let mut tx = self.db.begin().await?;
        match self.change_in(&mut *tx, caller, code, turn, request_id).await {
            Ok(logged_in) => {
                tx.commit().await?;
                Ok(logged_in)
            }
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    async fn change_in(
        &self,
        tx: &mut dyn IdentityTx,
        (actor, session): (&Actor, SessionId),
        code: Option<&FactorCode>,
        turn: Turn<'_>,
        request_id: String,
    ) -> Result<LoggedIn, OwnFactorError> {
        let (tenant, user, at) = (actor.tenant, actor.user, self.issuer.now());
        let held = held(tx, actor).await?;
        let is_on = held.user.second_factor == SecondFactor::On;
        match &turn {
            Turn::On(_) if is_on => return Err(OwnFactorError::IsOn),
            Turn::On(_) if held.seed.as_ref().is_none_or(|seed| at >= seed.made_at + HeldSeed::PATIENCE) => {
                return Err(OwnFactorError::IsOff);
            }
            Turn::Off if !is_on => return Err(OwnFactorError::IsOff),
            _ => {}
        }
        let proof: Result<_, OwnFactorError> = prove(tx, &*self.factors, &held, code, at).await;
        proof?.ok_or(OwnFactorError::WrongCode)?;
        let (token_version, action, second_factor) = match turn {
            Turn::On(recovery) => {
                let version = tx.factors().turn_on(tenant, user, recovery, at).await?;
                (version, "user.enable-mfa", SecondFactor::On)
            }
            Turn::Off => {
                let version = tx.factors().turn_off(tenant, user, at).await?;
                (version, "user.disable-mfa", held.without)
            }
        };
        let enabled = |is_on: bool| Some(vec![("mfaEnabled", is_on.into())]);
        let changed = Changed {
            action,
            entity: "user",
            id: user.to_string(),
            before: enabled(is_on),
            after: enabled(!is_on),
        };
        let entry = changed.by(actor, &Change { request_id, ..Change::default() }, at);
        tx.audit().record(&[entry]).await?;
        let user = User { token_version, second_factor, ..held.user };
        self.issuer.go_on(tx, user, session).await?.ok_or(OwnFactorError::CallerEnded)
    }
}

/// The caller, locked, if they may still act.
pub(super) async fn held(tx: &mut dyn IdentityTx, actor: &Actor) -> Result<HeldFactor, OwnFactorError> {
    let held = tx.factors().lock(actor.tenant, actor.user).await?;
    held.filter(|held| held.user.active && held.user.token_version == actor.token_version)
        .ok_or(OwnFactorError::CallerEnded)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{MockRefreshTokens, MockSessionWriter, MockUserWriter};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::identity::mfa::testing::{factors, held, recovery, storage, throttle, totp};
    use crate::testing::{FakeTx, OneTx, actor, issuer, noon, session_id};

    const CODES: Turn<'_> = Turn::On(&[Digest([1; 32])]);

    /// Turns it, in a session that still goes on or not.
    async fn change(
        held: Option<HeldFactor>,
        code: Option<FactorCode>,
        turn: Turn<'_>,
        goes_on: bool,
    ) -> Result<(String, SecondFactor), OwnFactorError> {
        let on = matches!(turn, Turn::On(_));
        let mut factor = storage(held);
        factor
            .expect_turn_on()
            .withf(|_, user, codes, at| (*user, codes, *at) == (actor().user, &[Digest([1; 32])][..], noon()))
            .returning(|_, _, _, _| Ok(4));
        factor.expect_turn_off().returning(|_, _, _| Ok(4));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_carry_over()
            .withf(|_, user, session, version| (*user, *session, *version) == (actor().user, session_id(), 4))
            .returning(move |_, _, _, _| Ok(goes_on));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(move |entries| {
                entries[0].action == if on { "user.enable-mfa" } else { "user.disable-mfa" }
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of((factor, MockUserWriter::new(), sessions)).with_audit(audit));
        let committed = tx.committed();
        let key = match code {
            Some(FactorCode::Recovery(_)) => "recovery:1:7:00000000-0000-0000-0000-000000000046",
            _ => "code:1:7:00000000-0000-0000-0000-000000000046",
        };
        let (throttle, given_back) = throttle(key);
        let own = OwnFactor::new(
            Arc::new(factors()),
            Arc::new(tx),
            issuer(MockRefreshTokens::new()),
            Arc::new(throttle),
            GuessLimit { failures: 10 },
        );
        let result = own.change(&actor(), code.as_ref(), turn, "r-1".into()).await;
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok());
        let is_wrong = matches!(result, Err(OwnFactorError::WrongCode));
        assert_eq!(given_back.load(Ordering::SeqCst), !is_wrong, "only a wrong code counts");
        result.map(|new| (new.access_token.expose_secret().to_owned(), new.user.second_factor))
    }

    #[tokio::test]
    async fn a_code_of_the_seed_turns_it_on() {
        let off = || Some(held(SecondFactor::Off, 0));
        let on = Ok(("token of 7 version 4".to_owned(), SecondFactor::On));
        assert_eq!(change(off(), Some(totp("123456")), CODES, true).await, on);
        for due in [held(SecondFactor::Due, 0), held(SecondFactor::Off, 49)] {
            assert_eq!(change(Some(due), Some(totp("123456")), CODES, true).await, on);
        }
        for code in [Some(totp("000000")), Some(recovery("b")), None] {
            assert_eq!(change(off(), code, CODES, true).await, Err(OwnFactorError::WrongCode));
        }
        let used = Some(held(SecondFactor::Off, 50));
        assert_eq!(change(used, Some(totp("123456")), CODES, true).await, Err(OwnFactorError::WrongCode));
        let ended = change(off(), Some(totp("123456")), CODES, false).await;
        assert_eq!(ended, Err(OwnFactorError::CallerEnded));
    }

    #[tokio::test]
    async fn either_kind_of_code_turns_it_off() {
        let off = Ok(("token of 7 version 4".to_owned(), SecondFactor::Off));
        for code in [Some(totp("123456")), Some(recovery("a"))] {
            let on = Some(held(SecondFactor::On, 49));
            assert_eq!(change(on, code, Turn::Off, true).await, off);
        }
        let wrong = change(Some(held(SecondFactor::On, 49)), Some(recovery("b")), Turn::Off, true).await;
        assert_eq!(wrong, Err(OwnFactorError::WrongCode));
        let required = HeldFactor { without: SecondFactor::Due, ..held(SecondFactor::On, 49) };
        let due = change(Some(required), Some(recovery("a")), Turn::Off, true).await;
        assert_eq!(
            due,
            Ok(("token of 7 version 4".to_owned(), SecondFactor::Due)),
            "another is to be set up"
        );
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_before_the_code_is_looked_at() {
        let mut forgotten = held(SecondFactor::Off, 0);
        forgotten.seed.as_mut().unwrap().made_at = noon() - HeldSeed::PATIENCE;
        let no_seed = HeldFactor { seed: None, ..held(SecondFactor::Off, 0) };
        let mut other_version = held(SecondFactor::Off, 0);
        other_version.user.token_version = 4;
        let mut disabled = held(SecondFactor::Off, 0);
        disabled.user.active = false;
        for (held, turn, error) in [
            (Some(held(SecondFactor::On, 0)), CODES, OwnFactorError::IsOn),
            (Some(held(SecondFactor::Off, 0)), Turn::Off, OwnFactorError::IsOff),
            (Some(no_seed), CODES, OwnFactorError::IsOff),
            (Some(forgotten), CODES, OwnFactorError::IsOff),
            (Some(other_version), CODES, OwnFactorError::CallerEnded),
            (Some(disabled), CODES, OwnFactorError::CallerEnded),
            (None, CODES, OwnFactorError::CallerEnded),
        ] {
            assert_eq!(change(held, Some(totp("123456")), turn, true).await, Err(error));
        }
    }
}
