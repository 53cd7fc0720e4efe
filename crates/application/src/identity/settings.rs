//! Tenant settings.

use std::sync::Arc;

use haat_domain::identity::{IdentityTx, SecondFactor, SettingsReader, TenantSettings};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};

use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions,
    begin, close,
};

/// Errors of reading and changing settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The caller requires a second factor without having one, and would be locked out.
    #[error("the caller has no second factor")]
    NoFactor,
}

impl Refusal for SettingsError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NoFactor => Refused::new(&crate::auth::codes::MFA_NOT_ENABLED).detail(
                "Set up your own second factor before you require it for others.",
                "অন্যদের জন্য আবশ্যক করার আগে নিজের দ্বিতীয় ধাপ চালু করুন।",
            ),
        }
    }
}

impl From<StorageFailure> for SettingsError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Returns the settings of a tenant.
pub struct GetSettings {
    settings: Arc<dyn SettingsReader>,
}

impl GetSettings {
    /// Builds the use case.
    #[must_use]
    pub fn new(settings: Arc<dyn SettingsReader>) -> Self {
        Self { settings }
    }

    /// Returns the settings of the caller's tenant.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub async fn execute(&self, actor: &Actor) -> Result<TenantSettings, SettingsError> {
        actor.check(Permission::ManageSettings)?;
        Ok(self.settings.of(actor.tenant).await?.ok_or(ChangeError::CallerEnded)?)
    }
}

/// New values; `None` leaves a setting unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    /// Requires admins to have a second factor.
    pub mfa_required_for_admins: Option<bool>,
}

/// Changes the settings of a tenant.
pub struct UpdateSettings {
    db: Arc<dyn BeginTransaction<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdateSettings {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn IdentityTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Changes the settings of the caller's tenant and returns them. `stored_response` builds the response
    /// that is stored for replays.
    ///
    /// # Errors
    /// [`SettingsError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        patch: SettingsPatch,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&TenantSettings) -> StoredResponse + Sync),
    ) -> Result<Idempotent<TenantSettings>, SettingsError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageSettings, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.update(&mut *tx, actor, patch, write_options).await;
        close(tx, actor, write_options, outcome, stored_response).await
    }

    async fn update(
        &self,
        tx: &mut dyn IdentityTx,
        actor: &Actor,
        patch: SettingsPatch,
        write_options: &WriteOptions,
    ) -> Result<TenantSettings, SettingsError> {
        let before = tx.settings().lock(actor.tenant).await?.ok_or(ChangeError::CallerEnded)?;
        let required = patch.mfa_required_for_admins.unwrap_or(before.mfa_required_for_admins);
        let after = TenantSettings { mfa_required_for_admins: required };
        if after == before {
            return Ok(before);
        }
        // A change of the second factor changes the token version, so the state in `actor` is current.
        if required && actor.second_factor != SecondFactor::On {
            return Err(SettingsError::NoFactor);
        }
        tx.settings().set(actor.tenant, &after).await?;
        let snapshot = |settings: &TenantSettings| {
            Some(vec![("mfaRequiredForAdmins", settings.mfa_required_for_admins.into())])
        };
        let changed = AuditedChange {
            action: "tenant.update-settings",
            entity: "tenant",
            id: actor.tenant.to_string(),
            before: snapshot(&before),
            after: snapshot(&after),
        };
        tx.audit().record(&[changed.by(actor, write_options, self.clock.now())]).await?;
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{MockSettingsReader, MockSettingsWriter};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    /// Updates the setting; returns its new value.
    async fn update(
        caller: SecondFactor,
        before: bool,
        requested: Option<bool>,
    ) -> (Result<bool, SettingsError>, bool) {
        let of = |mfa_required_for_admins| TenantSettings { mfa_required_for_admins };
        let writes = usize::from(
            requested
                .is_some_and(|requested| requested != before && (!requested || caller == SecondFactor::On)),
        );
        let (mut settings, mut audit) = (MockSettingsWriter::new(), MockAuditWriter::new());
        settings.expect_lock().returning(move |_| Ok(Some(of(before))));
        settings
            .expect_set()
            .withf(move |_, settings| Some(settings.mfa_required_for_admins) == requested)
            .times(writes)
            .returning(|_, _| Ok(()));
        audit
            .expect_record()
            .withf(|entries| entries[0].action == "tenant.update-settings")
            .times(writes)
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(settings).with_audit(audit));
        let committed = tx.committed();
        let use_case = UpdateSettings::new(Arc::new(tx), Arc::new(clock));
        let actor = Actor { second_factor: caller, ..admin() };
        let patch = SettingsPatch { mfa_required_for_admins: requested };
        let stored_response = |_: &TenantSettings| unreachable!("there is no idempotency key");
        let result = use_case.execute(&actor, patch, &WriteOptions::default(), &stored_response).await;
        let required = result.map(|outcome| match outcome {
            Idempotent::Executed(settings) => settings.mfa_required_for_admins,
            Idempotent::Replayed(_) => unreachable!("there is no idempotency key"),
        });
        (required, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn only_an_admin_with_a_second_factor_may_require_it() {
        let (on, off) = (SecondFactor::On, SecondFactor::Off);
        assert_eq!(update(on, false, Some(true)).await, (Ok(true), true));
        assert_eq!(update(off, false, Some(true)).await, (Err(SettingsError::NoFactor), false));
        assert_eq!(update(on, true, Some(false)).await, (Ok(false), true));
        for before in [false, true] {
            assert_eq!(update(off, before, None).await, (Ok(before), true), "nothing changes");
        }
    }

    #[tokio::test]
    async fn only_admins_may_read_and_change_settings() {
        let get = GetSettings::new(Arc::new(MockSettingsReader::new()));
        assert_eq!(get.execute(&actor()).await, Err(ChangeError::Forbidden.into()));
        let tx = Arc::new(OneTx::<FakeTx<MockSettingsWriter>>::none());
        let update = UpdateSettings::new(tx, Arc::new(MockClock::new()));
        let stored_response = |_: &TenantSettings| unreachable!("nothing is changed");
        let result = update
            .execute(&actor(), SettingsPatch::default(), &WriteOptions::default(), &stored_response)
            .await;
        assert_eq!(result.err(), Some(ChangeError::Forbidden.into()));
    }
}
