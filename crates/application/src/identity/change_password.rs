use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditEntry;
use haat_domain::identity::{
    CredentialReader, HashFailure, IdentityTx, LoginThrottle, NewPassword, PasswordChange, PasswordHasher,
    User,
};
use haat_domain::shared::{Begin, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::issuer::Issuer;
use super::{GuessLimit, LoggedIn};
use crate::shared::Actor;

/// The password somebody has and the one they want.
#[derive(Debug)]
pub struct ChangePasswordInput {
    /// As typed.
    pub current: SecretString,
    /// From now on.
    pub new: NewPassword,
    /// The request, for the audit log.
    pub request_id: String,
}

/// Why the password stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordError {
    /// The caller may not act any more, or has changed it at this moment.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// That is not the caller's password.
    #[error("that is not the password")]
    Wrong,
    /// Too many were wrong; more may be tried after so long.
    #[error("too many wrong passwords")]
    TooManyFailures(Duration),
    /// The new one is the old one.
    #[error("the new password is the current one")]
    Same,
    /// The passwords could not be compared or hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No token could be signed.
    #[error("{0}")]
    Broken(String),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Changes the caller's own password. Every other session they have ends; this one goes on, with a new access token.
pub struct ChangePassword {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn Begin<dyn IdentityTx>>,
    issuer: Arc<Issuer>,
    throttle: Arc<dyn LoginThrottle>,
    limit: GuessLimit,
}

impl ChangePassword {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        issuer: Arc<Issuer>,
        throttle: Arc<dyn LoginThrottle>,
        limit: GuessLimit,
    ) -> Self {
        Self { credentials, hasher, db, issuer, throttle, limit }
    }

    /// The caller, with a token for the same session. Open to who must change their password.
    ///
    /// # Errors
    /// [`ChangePasswordError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: ChangePasswordInput,
    ) -> Result<LoggedIn, ChangePasswordError> {
        let session = actor.session.ok_or(ChangePasswordError::CallerEnded)?;
        if input.current.expose_secret() == input.new.secret().expose_secret() {
            return Err(ChangePasswordError::Same);
        }
        let credential = self.credentials.of(actor.tenant, actor.user).await?;
        let credential = credential.ok_or(ChangePasswordError::CallerEnded)?;
        let (user, current) = (credential.user, credential.password_hash);
        let counted = self.limit.of_own_password(actor.tenant, actor.user);
        self.throttle.take(&counted).await.map_err(ChangePasswordError::TooManyFailures)?;
        // Slow on purpose, so before the transaction.
        let matches = self.hasher.verify(&input.current, Some(&current)).await;
        if matches == Ok(false) {
            return Err(ChangePasswordError::Wrong);
        }
        self.throttle.give_back(&counted).await;
        matches?;
        let password_hash = self.hasher.hash(&input.new).await?;
        let at = self.issuer.now();
        let mut tx = self.db.begin().await?;
        let change = PasswordChange {
            tenant: actor.tenant,
            user: actor.user,
            password_hash,
            must_change_password: false,
            // Of two changes at once one is made, and who was disabled or reset meanwhile changes nothing.
            expected: Some(actor.token_version),
            at,
        };
        let Some(token_version) = tx.users().set_password(&change).await? else {
            tx.roll_back().await;
            return Err(ChangePasswordError::CallerEnded);
        };
        if !tx.sessions().carry_over(actor.tenant, actor.user, session, token_version).await? {
            tx.roll_back().await;
            return Err(ChangePasswordError::CallerEnded);
        }
        let must_changed = user.must_change_password;
        let user = User { token_version, must_change_password: false, ..user };
        tx.audit().record(&[entry(actor, input.request_id, must_changed, at)]).await?;
        let logged_in = self.issuer.issue(user, session, None).map_err(ChangePasswordError::Broken)?;
        tx.commit().await?;
        Ok(logged_in)
    }
}

fn entry(actor: &Actor, request_id: String, must_changed: bool, at: DateTime<Utc>) -> AuditEntry {
    AuditEntry {
        tenant: actor.tenant,
        at,
        actor: Some((actor.user, actor.role)),
        action: "user.change-password",
        entity: "user",
        entity_id: Some(actor.user.to_string()),
        before: Some(vec![("mustChangePassword", must_changed.into())]),
        after: Some(vec![("mustChangePassword", false.into())]),
        request_id: Some(request_id),
        batch: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{
        Credential, MockCredentialReader, MockLoginThrottle, MockPasswordHasher, MockRefreshTokens,
        MockSessionWriter, MockUserWriter, PasswordHash,
    };

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, issuer, noon, session_id, user};

    /// Changes `old` to `new`; `matches` is what the comparison says, `set` what the storage does.
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
        throttle.expect_take().withf(|counted| counted[0].key == "password:1:7").returning(|_| Ok(()));
        // Only a failure counts.
        throttle.expect_give_back().times(usize::from(known && matches && old != new)).return_const(());
        let mut users = MockUserWriter::new();
        users
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
                entries[0].action == "user.change-password" && !format!("{entries:?}").contains("hash")
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
        let tx = OneTx::new(FakeTx::of((users, sessions)).with_audit(audit));
        let committed = tx.committed();
        let change = ChangePassword::new(
            Arc::new(credentials),
            Arc::new(hasher),
            Arc::new(tx),
            issuer(MockRefreshTokens::new()),
            Arc::new(throttle),
            GuessLimit { failures: 10 },
        );
        let input = ChangePasswordInput {
            current: old.to_owned().into(),
            new: NewPassword::parse(new.to_owned().into()).unwrap(),
            request_id: "r-1".into(),
        };
        let result = change.execute(&actor(), input).await;
        let told = result.map(|new| (new.access_token.expose_secret().to_owned(), new.user));
        (told, committed.load(Ordering::SeqCst))
    }

    const GOOD: (&str, &str) = ("Sr@12345", "a better one");

    #[tokio::test]
    async fn the_caller_is_logged_in_anew() {
        let expected = User { token_version: 4, must_change_password: false, ..user("sr00001") };
        let result = execute(GOOD, true, true, Some(4)).await;
        assert_eq!(result, (Ok(("token of 7 version 4".to_owned(), expected)), true));
    }

    #[tokio::test]
    async fn nothing_changes_once_the_session_has_ended() {
        // The session under this version has.
        let result = execute(GOOD, true, true, Some(99)).await;
        assert_eq!(result, (Err(ChangePasswordError::CallerEnded), false));
    }

    #[tokio::test]
    async fn nothing_changes_for_who_is_wrong_or_gone() {
        for (words, known, matches, error) in [
            (GOOD, true, false, ChangePasswordError::Wrong),
            (GOOD, false, true, ChangePasswordError::CallerEnded),
            // Somebody was faster.
            (GOOD, true, true, ChangePasswordError::CallerEnded),
            (("a better one", "a better one"), true, true, ChangePasswordError::Same),
        ] {
            assert_eq!(execute(words, known, matches, None).await, (Err(error), false));
        }
    }
}
