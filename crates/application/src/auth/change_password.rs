use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{
    AuthTx, HashFailure, NewPassword, PasswordChange, PasswordError, PasswordHasher, User,
};
use haat_domain::shared::{BeginTransaction, StorageFailure};
use secrecy::SecretString;

use super::issuer::{IssueError, Issuer, UniqueRequest};
use super::{LoggedIn, VerifyPassword, VerifyPasswordError};
use crate::shared::{Actor, AuditedChange, FieldError, Refusal, Refused, Text, codes};

/// Input of [`ChangePassword`].
#[derive(Debug)]
pub struct ChangePasswordInput {
    /// The caller's access token, which the change revokes.
    pub token: SecretString,
    /// The current password as typed.
    pub current: SecretString,
    /// The new password.
    pub new: NewPassword,
    /// The id of the request, for the audit log.
    pub request_id: String,
}

/// Errors of [`ChangePassword`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordError {
    /// The caller is no longer authorized, or has changed the password concurrently.
    #[error("the caller is no longer authorized")]
    CallerEnded,
    /// The password is incorrect.
    #[error(transparent)]
    Current(#[from] VerifyPasswordError),
    /// The new password is not allowed for this user.
    #[error(transparent)]
    New(#[from] PasswordError),
    /// The new password is the current one.
    #[error("the new password is the current one")]
    Same,
    /// The new password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ChangePasswordError {
    fn refuse(&self) -> Refused {
        match self {
            Self::CallerEnded => Refused::new(&codes::TOKEN_REVOKED),
            Self::Current(error) => error.refuse_in("currentPassword"),
            Self::New(rule) => Refused::invalid(vec![FieldError::of("newPassword", rule)]),
            Self::Same => Refused::invalid_field(
                "newPassword",
                "same-as-current",
                Text::new("must differ from the current password", "বর্তমান পাসওয়ার্ড থেকে আলাদা হতে হবে"),
            ),
            Self::Hash(failure) => failure.refuse(),
            Self::Issue(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Changes the caller's own password. All other sessions of the caller end; this one continues with a new
/// access token.
pub struct ChangePassword {
    password: Arc<VerifyPassword>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    issuer: Arc<Issuer>,
}

impl ChangePassword {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        password: Arc<VerifyPassword>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn BeginTransaction<dyn AuthTx>>,
        issuer: Arc<Issuer>,
    ) -> Self {
        Self { password, hasher, db, issuer }
    }

    /// Changes the password and returns new tokens of the same session. Also open to a caller who must change
    /// their password. A repetition after a lost response, with the access token that the change has revoked,
    /// returns the tokens again.
    ///
    /// # Errors
    /// [`ChangePasswordError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: ChangePasswordInput,
    ) -> Result<LoggedIn, ChangePasswordError> {
        let session = actor.session.ok_or(ChangePasswordError::CallerEnded)?;
        let request = UniqueRequest::new("change-password", session, &input.token, None);
        if let Some(logged_in) = self.repeat(actor, &request, &input).await? {
            return Ok(logged_in);
        }
        match self.change(actor, &request, &input).await {
            // The same request may have been completed in the meantime.
            Err(
                error @ (ChangePasswordError::CallerEnded
                | ChangePasswordError::Current(VerifyPasswordError::Incorrect)),
            ) => self.repeat(actor, &request, &input).await?.ok_or(error),
            result => result,
        }
    }

    /// Returns the tokens again if the same request has changed the password before. The new password is
    /// checked, so that the revoked token alone is not enough.
    async fn repeat(
        &self,
        actor: &Actor,
        request: &UniqueRequest,
        input: &ChangePasswordInput,
    ) -> Result<Option<LoggedIn>, ChangePasswordError> {
        let mut tx = self.db.begin().await?;
        let record = tx.sessions().lock(actor.tenant, request.session).await?;
        tx.roll_back().await;
        let record = record.ok_or(ChangePasswordError::CallerEnded)?;
        let is_revoked = record.user.token_version != actor.token_version;
        let Some(logged_in) = self.issuer.repeat(record, request)? else {
            // With a revoked token, nothing but a repetition is allowed.
            return if is_revoked { Err(ChangePasswordError::CallerEnded) } else { Ok(None) };
        };
        match self.password.confirm(actor, input.new.secret()).await {
            Ok(_) => Ok(Some(logged_in)),
            Err(VerifyPasswordError::Incorrect) => Err(ChangePasswordError::CallerEnded),
            Err(error) => Err(error.into()),
        }
    }

    async fn change(
        &self,
        actor: &Actor,
        request: &UniqueRequest,
        input: &ChangePasswordInput,
    ) -> Result<LoggedIn, ChangePasswordError> {
        if input.new.is(&input.current) {
            return Err(ChangePasswordError::Same);
        }
        // Hashing is slow by design, so it happens before the transaction.
        let user = self.password.confirm(actor, &input.current).await?;
        input.new.differs_from(&user.username)?;
        let password_hash = self.hasher.hash(&input.new).await?;
        let at = self.issuer.now();
        let mut tx = self.db.begin().await?;
        let change = PasswordChange {
            tenant: actor.tenant,
            user: actor.user,
            password_hash,
            must_change_password: false,
            // Of two concurrent changes only one succeeds, and a user disabled or reset in the meantime
            // changes nothing.
            expected: Some(actor.token_version),
            at,
        };
        let Some(token_version) = tx.passwords().set_password(&change).await? else {
            tx.roll_back().await;
            return Err(ChangePasswordError::CallerEnded);
        };
        let snapshot = |must: bool| vec![("mustChangePassword", must.into())];
        let (before, after) = (snapshot(user.must_change_password), snapshot(false));
        let changed =
            AuditedChange::updated(AuditAction::UserChangePassword, actor.user.to_string(), before, after);
        let user = User { token_version, must_change_password: false, ..user };
        let Some(logged_in) = self.issuer.continue_session(&mut *tx, user, request).await? else {
            tx.roll_back().await;
            return Err(ChangePasswordError::CallerEnded);
        };
        tx.audit().record(&[changed.in_request(actor, &input.request_id, at)]).await?;
        tx.commit().await?;
        Ok(logged_in)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{
        Credential, MockCredentialReader, MockLoginThrottle, MockPasswordHasher, MockPasswordWriter,
        MockSessionWriter, PasswordHash, SessionRecord,
    };
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::AttemptLimit;
    use crate::testing::{
        FakeTx, Txs, actor, deriving, issuer, noon, session_after, session_id, session_record, user,
    };

    /// Changes `old` to `new`; `matches` is the result of the comparison, `set` the result of the write.
    async fn execute(
        (old, new): (&str, &str),
        known: bool,
        matches: bool,
        set: Option<i32>,
    ) -> (Result<(String, User), ChangePasswordError>, bool) {
        let mut credentials = MockCredentialReader::new();
        let found = known.then(|| Credential {
            user: User { must_change_password: true, ..user("sr00001") },
            password_hash: PasswordHash::new("old hash".into()),
        });
        credentials
            .expect_of()
            .withf(|tenant, user| (*tenant, *user) == (actor().tenant, actor().user))
            .return_once(move |_, _| Ok(found));
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().returning(move |_, hash| {
            assert_eq!(hash.map(PasswordHash::expose), Some("old hash"));
            Ok(matches)
        });
        hasher.expect_hash().returning(|_| Ok(PasswordHash::new("new hash".into())));
        let mut throttle = MockLoginThrottle::new();
        throttle.expect_take().withf(|keys| keys[0].key == "password:1:7").returning(|_| Ok(()));
        // Only a failure counts.
        throttle.expect_refund().times(usize::from(known && matches && old != new)).return_const(());
        let mut passwords = MockPasswordWriter::new();
        passwords
            .expect_set_password()
            .withf(|set| {
                (set.tenant, set.user, set.at) == (actor().tenant, actor().user, noon())
                    && !set.must_change_password
                    && set.password_hash.expose() == "new hash"
                    && set.expected == Some(3)
            })
            .returning(move |_| Ok(set));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                entries[0].action == AuditAction::UserChangePassword
                    && !format!("{entries:?}").contains("hash")
            })
            .times(usize::from(set.is_some_and(|version| version != 99)))
            .returning(|_| Ok(()));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_carry_over()
            .withf(move |_, user, session, version| {
                (user.get(), *session, Some(*version)) == (7, session_id(), set)
            })
            .times(usize::from(set.is_some()))
            .returning(|_, _, _, version| Ok(version != 99));
        sessions.expect_lock().returning(|_, _| Ok(Some(session_record())));
        sessions
            .expect_used()
            .withf(|_, session, chain, _| {
                *session == session_id() && chain.is_unused() && chain.replaced.is_some()
            })
            .times(usize::from(set.is_some_and(|version| version != 99)))
            .returning(|_, _, _, _| Ok(()));
        let no_repetition = || FakeTx::of((MockPasswordWriter::new(), with(session_record())));
        let tx = FakeTx::of((passwords, sessions)).with_audit(audit);
        let committed = tx.committed();
        let txs = Txs::new([no_repetition(), tx, no_repetition()]);
        let hasher = Arc::new(hasher);
        let limit = AttemptLimit { failures: 10 };
        let password = VerifyPassword::new(Arc::new(credentials), hasher.clone(), Arc::new(throttle), limit);
        let change = ChangePassword::new(Arc::new(password), hasher, Arc::new(txs), issuer(deriving()));
        let input = ChangePasswordInput {
            token: "access".to_owned().into(),
            current: old.to_owned().into(),
            new: NewPassword::parse(new.to_owned().into()).unwrap(),
            request_id: "r-1".into(),
        };
        let result = change.execute(&actor(), input).await;
        let outcome = result.map(|new| (new.access_token.expose_secret().to_owned(), new.user));
        (outcome, committed.load(Ordering::SeqCst))
    }

    /// Sessions that contain this one.
    fn with(record: SessionRecord) -> MockSessionWriter {
        let mut sessions = MockSessionWriter::new();
        sessions.expect_lock().return_once(|_, _| Ok(Some(record)));
        sessions
    }

    #[tokio::test]
    async fn a_repetition_returns_the_tokens_again_if_the_new_password_is_right() {
        for matches in [true, false] {
            let record = session_after("change-password access ");
            let no_change = || FakeTx::of((MockPasswordWriter::new(), with(record.clone())));
            let mut credentials = MockCredentialReader::new();
            credentials.expect_of().times(1).returning(|_, _| {
                let password_hash = PasswordHash::new("new hash".into());
                Ok(Some(Credential { user: user("sr00001"), password_hash }))
            });
            let (mut hasher, mut throttle) = (MockPasswordHasher::new(), MockLoginThrottle::new());
            hasher
                .expect_verify()
                .withf(|password, _| password.expose_secret() == GOOD.1)
                .returning(move |_, _| Ok(matches));
            throttle.expect_take().times(1).returning(|_| Ok(()));
            throttle.expect_refund().times(usize::from(matches)).return_const(());
            let (hasher, limit) = (Arc::new(hasher), AttemptLimit { failures: 10 });
            let password =
                VerifyPassword::new(Arc::new(credentials), hasher.clone(), Arc::new(throttle), limit);
            let txs = Arc::new(Txs::new([no_change()]));
            let change = ChangePassword::new(Arc::new(password), hasher, txs, issuer(deriving()));
            let input = ChangePasswordInput {
                token: "access".to_owned().into(),
                current: GOOD.0.to_owned().into(),
                new: NewPassword::parse(GOOD.1.to_owned().into()).unwrap(),
                request_id: "r-1".into(),
            };
            let result = change.execute(&Actor { token_version: 2, ..actor() }, input).await;
            let token = result.map(|new| new.refresh_token.expose_secret().to_owned());
            let expected = matches.then(|| "change-password access ".to_owned());
            assert_eq!(token, expected.ok_or(ChangePasswordError::CallerEnded));
        }
    }

    const GOOD: (&str, &str) = ("Sr@12345", "a better one");

    #[tokio::test]
    async fn returns_a_new_token_for_the_session() {
        let expected = User { token_version: 4, must_change_password: false, ..user("sr00001") };
        let result = execute(GOOD, true, true, Some(4)).await;
        assert_eq!(result, (Ok(("token of 7 version 4".to_owned(), expected)), true));
    }

    #[tokio::test]
    async fn nothing_changes_once_the_session_has_ended() {
        // The mock session has ended under version 99.
        let result = execute(GOOD, true, true, Some(99)).await;
        assert_eq!(result, (Err(ChangePasswordError::CallerEnded), false));
    }

    #[tokio::test]
    async fn nothing_changes_for_an_incorrect_password_or_a_missing_user() {
        for (passwords, known, matches, error) in [
            (GOOD, true, false, ChangePasswordError::Current(VerifyPasswordError::Incorrect)),
            (GOOD, false, true, ChangePasswordError::Current(VerifyPasswordError::CallerEnded)),
            // A concurrent change won.
            (GOOD, true, true, ChangePasswordError::CallerEnded),
            (("a better one", "a better one"), true, true, ChangePasswordError::Same),
        ] {
            assert_eq!(execute(passwords, known, matches, None).await, (Err(error), false));
        }
    }
}
