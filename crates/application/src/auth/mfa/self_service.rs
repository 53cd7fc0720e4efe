//! Code shared by enabling and disabling the caller's own second factor.

use std::sync::Arc;
use std::time::Duration;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{
    AuthTx, Digest, FactorCode, FactorFailure, LoginThrottle, SecondFactor, SecondFactors, StoredFactor,
    StoredSeed, User,
};
use haat_domain::shared::{BeginTransaction, StorageFailure};
use secrecy::SecretString;

use super::prove::prove;
use crate::auth::issuer::{IssueError, Issuer, UniqueRequest};
use crate::auth::refusals::too_many_failures;
use crate::auth::{AttemptLimit, LoggedIn, VerifyPasswordError};
use crate::shared::{Actor, AuditedChange, Refusal, Refused, Text, codes};

/// Errors of changing the caller's second factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelfServiceMfaError {
    /// The caller is no longer authorized, or their state changed during the request.
    #[error("the caller is no longer authorized")]
    CallerEnded,
    /// The second factor is already on.
    #[error("the second factor is already on")]
    IsOn,
    /// There is no second factor, or enrollment has not started or has expired.
    #[error("there is no second factor")]
    IsOff,
    /// The password is incorrect.
    #[error(transparent)]
    Password(#[from] VerifyPasswordError),
    /// The code is incorrect or was used before.
    #[error("the code is incorrect")]
    WrongCode,
    /// Too many codes were incorrect; the caller may retry after this time.
    #[error("too many incorrect codes")]
    TooManyFailures(Duration),
    /// The code could not be checked.
    #[error(transparent)]
    Factor(#[from] FactorFailure),
    /// The token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for SelfServiceMfaError {
    fn refuse(&self) -> Refused {
        match self {
            Self::CallerEnded => Refused::new(&codes::TOKEN_REVOKED),
            Self::IsOn => Refused::new(&crate::auth::codes::MFA_ENABLED),
            Self::IsOff => Refused::new(&crate::auth::codes::MFA_NOT_ENABLED),
            Self::Password(error) => error.refuse_in("password"),
            Self::WrongCode => Refused::invalid_field(
                "code",
                "incorrect",
                Text::new("is incorrect or was already used", "সঠিক নয়, বা আগে ব্যবহৃত হয়েছে"),
            ),
            Self::TooManyFailures(wait) => too_many_failures(*wait),
            Self::Factor(failure) => failure.refuse(),
            Self::Issue(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// The requested state of the second factor.
pub(super) enum MfaChange<'a> {
    /// On, with these recovery codes.
    On(&'a [Digest]),
    /// Off.
    Off,
}

impl MfaChange<'_> {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::On(_) => "enable-mfa",
            Self::Off => "disable-mfa",
        }
    }
}

/// Enables and disables the caller's own second factor.
pub struct SelfServiceMfa {
    pub(super) factors: Arc<dyn SecondFactors>,
    pub(super) db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    pub(super) issuer: Arc<Issuer>,
    throttle: Arc<dyn LoginThrottle>,
    limit: AttemptLimit,
}

impl SelfServiceMfa {
    /// Builds the service.
    #[must_use]
    pub fn new(
        factors: Arc<dyn SecondFactors>,
        db: Arc<dyn BeginTransaction<dyn AuthTx>>,
        issuer: Arc<Issuer>,
        throttle: Arc<dyn LoginThrottle>,
        limit: AttemptLimit,
    ) -> Self {
        Self { factors, db, issuer, throttle, limit }
    }

    /// Turns the second factor on or off after verifying a code. Only the caller's session continues. All
    /// other sessions end, so a stranger who knew only the password is locked out.
    pub(super) async fn change(
        &self,
        (actor, token): (&Actor, &SecretString),
        code: Option<&FactorCode>,
        change: MfaChange<'_>,
        request_id: String,
    ) -> Result<LoggedIn, SelfServiceMfaError> {
        let session = actor.session.ok_or(SelfServiceMfaError::CallerEnded)?;
        let request = UniqueRequest::new(change.as_str(), session, token, code);
        // Counted per session, separately from strangers who know the password and guess codes at login.
        let (user, scope) = ((actor.tenant, actor.user), session.to_string());
        let keys = self.limit.of_code(user, code, &scope, &scope);
        self.throttle.take(&keys).await.map_err(SelfServiceMfaError::TooManyFailures)?;
        let result = self.change_in_transaction((actor, &request), code, change, request_id).await;
        if !matches!(result, Err(SelfServiceMfaError::WrongCode)) {
            self.throttle.refund(&keys).await;
        }
        result
    }

    async fn change_in_transaction(
        &self,
        caller: (&Actor, &UniqueRequest),
        code: Option<&FactorCode>,
        change: MfaChange<'_>,
        request_id: String,
    ) -> Result<LoggedIn, SelfServiceMfaError> {
        let mut tx = self.db.begin().await?;
        match self.apply(&mut *tx, caller, code, change, request_id).await {
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

    async fn apply(
        &self,
        tx: &mut dyn AuthTx,
        (actor, request): (&Actor, &UniqueRequest),
        code: Option<&FactorCode>,
        change: MfaChange<'_>,
        request_id: String,
    ) -> Result<LoggedIn, SelfServiceMfaError> {
        let (tenant, user, at) = (actor.tenant, actor.user, self.issuer.now());
        let factor = tx.factors().lock(tenant, user).await?.filter(|factor| factor.user.active);
        let factor = factor.ok_or(SelfServiceMfaError::CallerEnded)?;
        if factor.user.token_version != actor.token_version {
            return self.repeat(tx, (actor, request), change, request_id).await;
        }
        let is_on = factor.user.second_factor == SecondFactor::On;
        match &change {
            MfaChange::On(_) if is_on => return Err(SelfServiceMfaError::IsOn),
            MfaChange::On(_)
                if factor.seed.as_ref().is_none_or(|seed| at >= seed.created_at + StoredSeed::SETUP_TIME) =>
            {
                return Err(SelfServiceMfaError::IsOff);
            }
            MfaChange::Off if !is_on => return Err(SelfServiceMfaError::IsOff),
            _ => {}
        }
        let proof: Result<_, SelfServiceMfaError> = prove(tx, &*self.factors, &factor, code, at).await;
        proof?.ok_or(SelfServiceMfaError::WrongCode)?;
        let (token_version, action, second_factor) = match change {
            MfaChange::On(recovery) => {
                let version = tx.factors().turn_on(tenant, user, recovery, at).await?;
                (version, AuditAction::UserEnableMfa, SecondFactor::On)
            }
            MfaChange::Off => {
                let version = tx.factors().turn_off(tenant, user, at).await?;
                (version, AuditAction::UserDisableMfa, factor.without)
            }
        };
        let enabled = |is_on: bool| vec![("mfaEnabled", is_on.into())];
        let (before, after) = (enabled(is_on), enabled(!is_on));
        let changed = AuditedChange::updated(action, user.to_string(), before, after);
        let entry = changed.in_request(actor, &request_id, at);
        tx.audit().record(&[entry]).await?;
        let user = User { token_version, second_factor, ..factor.user };
        self.issuer.continue_session(tx, user, request).await?.ok_or(SelfServiceMfaError::CallerEnded)
    }

    /// Returns the tokens again if the same request has made the change before. Recovery codes are stored as
    /// digests, so the user gets new ones.
    async fn repeat(
        &self,
        tx: &mut dyn AuthTx,
        (actor, request): (&Actor, &UniqueRequest),
        change: MfaChange<'_>,
        request_id: String,
    ) -> Result<LoggedIn, SelfServiceMfaError> {
        let record = tx.sessions().lock(actor.tenant, request.session).await?;
        let logged_in = record.map(|record| self.issuer.repeat(record, request)).transpose()?.flatten();
        let logged_in = logged_in.ok_or(SelfServiceMfaError::CallerEnded)?;
        if let MfaChange::On(recovery) = change {
            tx.factors().replace_recovery_codes(actor.tenant, actor.user, recovery).await?;
            let renewed = AuditedChange::event(AuditAction::UserRenewRecoveryCodes, actor.user.to_string());
            let entry = renewed.in_request(actor, &request_id, self.issuer.now());
            tx.audit().record(&[entry]).await?;
        }
        Ok(logged_in)
    }
}

/// Locks the caller, and checks that they are still authorized.
pub(super) async fn lock_caller(
    tx: &mut dyn AuthTx,
    actor: &Actor,
) -> Result<StoredFactor, SelfServiceMfaError> {
    let factor = tx.factors().lock(actor.tenant, actor.user).await?;
    factor
        .filter(|factor| factor.user.active && factor.user.token_version == actor.token_version)
        .ok_or(SelfServiceMfaError::CallerEnded)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::MockSessionWriter;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::mfa::testing::{factors, recovery, storage, stored_factor, throttle, totp};
    use crate::testing::{
        FakeTx, OneTx, actor, deriving, issuer, noon, session_after, session_id, session_record,
    };

    const CODES: MfaChange<'_> = MfaChange::On(&[Digest([1; 32])]);

    /// Changes the factor in a session that continues, or that has ended.
    async fn change(
        stored: Option<StoredFactor>,
        code: Option<FactorCode>,
        change: MfaChange<'_>,
        continues: bool,
    ) -> Result<(String, SecondFactor), SelfServiceMfaError> {
        let on = matches!(change, MfaChange::On(_));
        let mut factor = storage(stored);
        factor
            .expect_turn_on()
            .withf(|_, user, codes, at| (*user, codes, *at) == (actor().user, &[Digest([1; 32])][..], noon()))
            .returning(|_, _, _, _| Ok(4));
        factor.expect_turn_off().returning(|_, _, _| Ok(4));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_carry_over()
            .withf(|_, user, session, version| (*user, *session, *version) == (actor().user, session_id(), 4))
            .returning(move |_, _, _, _| Ok(continues));
        sessions.expect_lock().returning(|_, _| Ok(Some(session_record())));
        sessions
            .expect_used()
            .withf(|_, _, chain, _| chain.is_unused() && chain.replaced.is_some())
            .returning(|_, _, _, _| Ok(()));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(move |entries| {
                entries[0].action == if on { AuditAction::UserEnableMfa } else { AuditAction::UserDisableMfa }
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of((factor, sessions)).with_audit(audit));
        let committed = tx.committed();
        let key = match code {
            Some(FactorCode::Recovery(_)) => "recovery:1:7:00000000-0000-0000-0000-000000000046",
            _ => "code:1:7:00000000-0000-0000-0000-000000000046",
        };
        let (throttle, given_back) = throttle(key);
        let mfa = SelfServiceMfa::new(
            Arc::new(factors()),
            Arc::new(tx),
            issuer(deriving()),
            Arc::new(throttle),
            AttemptLimit { failures: 10 },
        );
        let result =
            mfa.change((&actor(), &"access".to_owned().into()), code.as_ref(), change, "r-1".into()).await;
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok());
        let is_incorrect = matches!(result, Err(SelfServiceMfaError::WrongCode));
        assert_eq!(given_back.load(Ordering::SeqCst), !is_incorrect, "only an incorrect code counts");
        result.map(|new| (new.access_token.expose_secret().to_owned(), new.user.second_factor))
    }

    #[tokio::test]
    async fn a_code_of_the_seed_turns_the_factor_on() {
        let off = || Some(stored_factor(SecondFactor::Off, 0));
        let on = Ok(("token of 7 version 4".to_owned(), SecondFactor::On));
        assert_eq!(change(off(), Some(totp("123456")), CODES, true).await, on);
        for due in [stored_factor(SecondFactor::Due, 0), stored_factor(SecondFactor::Off, 49)] {
            assert_eq!(change(Some(due), Some(totp("123456")), CODES, true).await, on);
        }
        for code in [Some(totp("000000")), Some(recovery("b")), None] {
            assert_eq!(change(off(), code, CODES, true).await, Err(SelfServiceMfaError::WrongCode));
        }
        let used = Some(stored_factor(SecondFactor::Off, 50));
        assert_eq!(
            change(used, Some(totp("123456")), CODES, true).await,
            Err(SelfServiceMfaError::WrongCode)
        );
        let ended = change(off(), Some(totp("123456")), CODES, false).await;
        assert_eq!(ended, Err(SelfServiceMfaError::CallerEnded));
    }

    #[tokio::test]
    async fn both_kinds_of_code_turn_the_factor_off() {
        let off = Ok(("token of 7 version 4".to_owned(), SecondFactor::Off));
        for code in [Some(totp("123456")), Some(recovery("a"))] {
            let on = Some(stored_factor(SecondFactor::On, 49));
            assert_eq!(change(on, code, MfaChange::Off, true).await, off);
        }
        let incorrect =
            change(Some(stored_factor(SecondFactor::On, 49)), Some(recovery("b")), MfaChange::Off, true)
                .await;
        assert_eq!(incorrect, Err(SelfServiceMfaError::WrongCode));
        let required = StoredFactor { without: SecondFactor::Due, ..stored_factor(SecondFactor::On, 49) };
        let due = change(Some(required), Some(recovery("a")), MfaChange::Off, true).await;
        assert_eq!(
            due,
            Ok(("token of 7 version 4".to_owned(), SecondFactor::Due)),
            "the user must enroll again"
        );
    }

    #[tokio::test]
    async fn a_repetition_returns_the_tokens_again_and_other_recovery_codes() {
        for (requested, code, token) in [
            (CODES, "123456", Some("enable-mfa access 123456")),
            (CODES, "123457", None),
            (MfaChange::Off, "123456", None),
        ] {
            let stored = stored_factor(SecondFactor::On, 50);
            let mut factor = storage(Some(stored));
            factor
                .expect_replace_recovery_codes()
                .withf(|_, user, codes| (*user, codes) == (actor().user, &[Digest([1; 32])][..]))
                .times(usize::from(token.is_some()))
                .returning(|_, _, _| Ok(()));
            let mut sessions = MockSessionWriter::new();
            let record = session_after("enable-mfa access 123456");
            sessions.expect_lock().return_once(|_, _| Ok(Some(record)));
            let mut audit = MockAuditWriter::new();
            audit
                .expect_record()
                .withf(|entries| entries[0].action == AuditAction::UserRenewRecoveryCodes)
                .times(usize::from(token.is_some()))
                .returning(|_| Ok(()));
            let mfa = SelfServiceMfa::new(
                Arc::new(factors()),
                Arc::new(OneTx::new(FakeTx::of((factor, sessions)).with_audit(audit))),
                issuer(deriving()),
                Arc::new(throttle("code:1:7:00000000-0000-0000-0000-000000000046").0),
                AttemptLimit { failures: 10 },
            );
            let caller = (&Actor { token_version: 2, ..actor() }, &"access".to_owned().into());
            let result = mfa.change(caller, Some(&totp(code)), requested, "r-1".into()).await;
            let returned = result.map(|new| new.refresh_token.expose_secret().to_owned());
            assert_eq!(returned, token.map(str::to_owned).ok_or(SelfServiceMfaError::CallerEnded));
        }
    }

    #[tokio::test]
    async fn rejects_invalid_states_before_checking_the_code() {
        let mut expired = stored_factor(SecondFactor::Off, 0);
        expired.seed.as_mut().unwrap().created_at = noon() - StoredSeed::SETUP_TIME;
        let no_seed = StoredFactor { seed: None, ..stored_factor(SecondFactor::Off, 0) };
        let mut other_version = stored_factor(SecondFactor::Off, 0);
        other_version.user.token_version = 4;
        let mut disabled = stored_factor(SecondFactor::Off, 0);
        disabled.user.active = false;
        for (stored, requested, error) in [
            (Some(stored_factor(SecondFactor::On, 0)), CODES, SelfServiceMfaError::IsOn),
            (Some(stored_factor(SecondFactor::Off, 0)), MfaChange::Off, SelfServiceMfaError::IsOff),
            (Some(no_seed), CODES, SelfServiceMfaError::IsOff),
            (Some(expired), CODES, SelfServiceMfaError::IsOff),
            (Some(other_version), CODES, SelfServiceMfaError::CallerEnded),
            (Some(disabled), CODES, SelfServiceMfaError::CallerEnded),
            (None, CODES, SelfServiceMfaError::CallerEnded),
        ] {
            assert_eq!(change(stored, Some(totp("123456")), requested, true).await, Err(error));
        }
    }
}
