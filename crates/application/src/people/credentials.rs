//! Resets credentials of users and ends their sessions.

use haat_domain::audit::AuditAction;
use haat_domain::auth::{NewPassword, PasswordChange, SecondFactor};
use haat_domain::change::StoredResponse;
use haat_domain::people::{PeopleTx, Person};
use haat_domain::shared::{StorageFailure, UserId};

use super::refusals::PersonError;
use super::{Users, snapshot};
use crate::shared::{Allowed, Audited, ChangeError, ManageUsers, Rendered, WriteOptions};

impl Users {
    /// Gives a user a one-time password, which they must change at the next login, and revokes all of their tokens.
    /// The password is returned only this once, and not at all by a dry run. Ignores the idempotency key, because
    /// the response contains a secret and must not be stored.
    ///
    /// # Errors
    /// [`PersonError`]. Nothing is changed on an error.
    pub async fn reset_password(
        &self,
        allowed: &Allowed<ManageUsers>,
        id: UserId,
        options: WriteOptions,
        render: impl FnOnce(Option<&NewPassword>) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        let options = WriteOptions { idempotent_request: None, ..options };
        // Hashing is slow by design, so it happens before the transaction.
        let (password, password_hash) = self.one_time_password().await?;
        let shown = (!options.validate_only).then_some(&password);
        self.changes
            .run(
                allowed,
                &options,
                |()| render(shown),
                async |tx, at| {
                    let before = lock(tx, allowed, id).await?;
                    let set = PasswordChange {
                        tenant: allowed.tenant,
                        user: id,
                        password_hash: password_hash.clone(),
                        must_change_password: true,
                        expected: None,
                        at,
                    };
                    tx.passwords().set_password(&set).await?;
                    let mut after = before.clone();
                    after.user.must_change_password = true;
                    Ok(Audited::new((), snapshot::changed(AuditAction::UserResetPassword, &before, &after)))
                },
            )
            .await
    }

    /// Ends all sessions and revokes all tokens of a user, for example after a phone was lost. Callers who target
    /// themselves are logged out too.
    ///
    /// # Errors
    /// [`PersonError`]. Nothing is changed on an error.
    pub async fn end_sessions(
        &self,
        allowed: &Allowed<ManageUsers>,
        id: UserId,
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let before = lock(tx, allowed, id).await?;
                let mut after = before.clone();
                // A session is valid only for the token version of its login.
                after.user.token_version += 1;
                if let Err(taken) = tx.users().update(&after, at).await? {
                    // No unique value of the user has changed.
                    let taken = format!("{taken:?} of a locked person");
                    return Err(StorageFailure::Contended(taken).into());
                }
                Ok(Audited::new((), snapshot::changed(AuditAction::UserEndSessions, &before, &after)))
            })
            .await
    }

    /// Removes the second factor of a user who has lost both the phone and the recovery codes, and ends all of their
    /// sessions. A user without a second factor keeps their sessions.
    ///
    /// # Errors
    /// [`PersonError`]. Nothing is changed on an error.
    pub async fn reset_mfa(
        &self,
        allowed: &Allowed<ManageUsers>,
        id: UserId,
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, PersonError> {
        self.changes
            .run(allowed, options, render, async |tx, at| {
                if id == allowed.user {
                    return Err(PersonError::CannotResetOwnFactor);
                }
                let before = lock(tx, allowed, id).await?;
                if before.user.second_factor != SecondFactor::On {
                    return Ok(Audited::unchanged(()));
                }
                tx.factors().turn_off(allowed.tenant, id, at).await?;
                let after = lock(tx, allowed, id).await?;
                Ok(Audited::new((), snapshot::changed(AuditAction::UserResetMfa, &before, &after)))
            })
            .await
    }
}

/// Locks a user on whom the caller may act.
async fn lock(
    tx: &mut dyn PeopleTx,
    allowed: &Allowed<ManageUsers>,
    id: UserId,
) -> Result<Person, PersonError> {
    let person = tx.users().lock(allowed.tenant, None, id).await?.ok_or(ChangeError::NotFound)?;
    allowed.check_grants(person.user.grants.iter())?;
    Ok(person)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::auth::{MockFactorWriter, MockPasswordWriter, User};
    use haat_domain::people::MockUserWriter;

    use super::*;
    use crate::people::testing::{PASSWORD, response, users};
    use crate::testing::{FakeTx, OneTx, allowed, audits, noon, rep};

    /// A writer with user 5.
    fn writer(found: Person) -> MockUserWriter {
        let mut writer = MockUserWriter::new();
        writer
            .expect_lock()
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, None, 5))
            .returning(move |_, _, _| Ok(Some(found.clone())));
        writer
    }

    #[tokio::test]
    async fn returns_a_new_password_unless_nothing_is_saved() {
        for validate_only in [false, true] {
            let mut passwords = MockPasswordWriter::new();
            passwords
                .expect_set_password()
                .withf(|set| {
                    (set.tenant.get(), set.user.get(), set.at) == (1, 5, noon())
                        && set.must_change_password
                        && set.password_hash.expose() == "hash"
                        && set.expected.is_none()
                })
                .times(1)
                .returning(|_| Ok(Some(4)));
            let audit = audits(Some(AuditAction::UserResetPassword));
            let tx = OneTx::new(FakeTx::of((writer(rep()), passwords)).with_audit(audit));
            let committed = tx.committed();
            let options = WriteOptions { validate_only, ..WriteOptions::default() };
            let render = |password: Option<&NewPassword>| Ok(response(password));
            let reset = users(tx).reset_password(&allowed(), UserId::new(5), options, render).await;
            let expected = if validate_only { "none" } else { PASSWORD };
            assert_eq!(reset.unwrap().body, expected.as_bytes());
            assert_eq!(committed.load(Ordering::SeqCst), !validate_only);
        }
    }

    #[tokio::test]
    async fn ending_the_sessions_of_a_user_raises_the_token_version() {
        let mut writer = writer(rep());
        writer
            .expect_update()
            .withf(|person, at| person.user == User { token_version: 4, ..rep().user } && *at == noon())
            .times(1)
            .returning(|_, _| Ok(Ok(())));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audits(Some(AuditAction::UserEndSessions))));
        let options = WriteOptions::default();
        let ended =
            users(tx).end_sessions(&allowed(), UserId::new(5), &options, crate::testing::response).await;
        assert_eq!(ended.err(), None);
    }

    async fn reset_mfa(id: i64, second_factor: SecondFactor) -> (Option<PersonError>, bool) {
        let found = Person { user: User { second_factor, ..rep().user }, ..rep() };
        let resets = id == 5 && second_factor == SecondFactor::On;
        let mut factors = MockFactorWriter::new();
        factors
            .expect_turn_off()
            .withf(|_, user, at| (user.get(), *at) == (5, noon()))
            .times(usize::from(resets))
            .returning(|_, _, _| Ok(4));
        let audit = audits(resets.then_some(AuditAction::UserResetMfa));
        let tx = OneTx::new(FakeTx::of((writer(found), factors)).with_audit(audit));
        let committed = tx.committed();
        let (users, options) = (users(tx), WriteOptions::default());
        let reset = users.reset_mfa(&allowed(), UserId::new(id), &options, crate::testing::response).await;
        (reset.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn resets_the_second_factor_of_other_users_but_not_of_the_caller() {
        assert_eq!(reset_mfa(5, SecondFactor::On).await, (None, true));
        assert_eq!(reset_mfa(5, SecondFactor::Off).await, (None, true), "nothing to reset");
        let own = reset_mfa(7, SecondFactor::On).await;
        assert_eq!(own, (Some(PersonError::CannotResetOwnFactor), false));
    }
}
