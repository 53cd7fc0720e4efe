//! What a company's administrators set of it.

use std::sync::Arc;

use haat_domain::identity::{CompanySettings, IdentityTx, SecondFactor, SettingsReader};
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};

use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// Why settings cannot be seen or stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The caller would require of others what they do not have themselves, and be shut out with them.
    #[error("the caller has no second factor")]
    NoFactor,
}

impl From<StorageFailure> for SettingsError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Shows a company's settings.
pub struct GetSettings {
    settings: Arc<dyn SettingsReader>,
}

impl GetSettings {
    /// Builds the use case.
    #[must_use]
    pub fn new(settings: Arc<dyn SettingsReader>) -> Self {
        Self { settings }
    }

    /// Those of the caller's company.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub async fn execute(&self, actor: &Actor) -> Result<CompanySettings, SettingsError> {
        actor.check(Permission::ManageCompany)?;
        Ok(self.settings.of(actor.tenant).await?.ok_or(ChangeError::CallerEnded)?)
    }
}

/// New values; what is not given stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    /// Whether administrators must have a second factor.
    pub mfa_required_for_admins: Option<bool>,
}

/// Changes a company's settings.
pub struct UpdateSettings {
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdateSettings {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn IdentityTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Those of the caller's company after the change. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`SettingsError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        patch: SettingsPatch,
        change: &Change,
        receipt: &(dyn Fn(&CompanySettings) -> Receipt + Sync),
    ) -> Result<Done<CompanySettings>, SettingsError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageCompany, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.update(&mut *tx, actor, patch, change).await;
        close(tx, actor, change, outcome, receipt).await
    }

    async fn update(
        &self,
        tx: &mut dyn IdentityTx,
        actor: &Actor,
        patch: SettingsPatch,
        change: &Change,
    ) -> Result<CompanySettings, SettingsError> {
        let before = tx.settings().lock(actor.tenant).await?.ok_or(ChangeError::CallerEnded)?;
        let required = patch.mfa_required_for_admins.unwrap_or(before.mfa_required_for_admins);
        let after = CompanySettings { mfa_required_for_admins: required };
        if after == before {
            return Ok(before);
        }
        // Their token would be another if their factor were, so what it says is so.
        if required && actor.second_factor != SecondFactor::On {
            return Err(SettingsError::NoFactor);
        }
        tx.settings().set(actor.tenant, &after).await?;
        let told = |settings: &CompanySettings| {
            Some(vec![("mfaRequiredForAdmins", settings.mfa_required_for_admins.into())])
        };
        let changed = Changed {
            action: "tenant.update-settings",
            entity: "tenant",
            id: actor.tenant.to_string(),
            before: told(&before),
            after: told(&after),
        };
        tx.audit().record(&[changed.by(actor, change, self.clock.now())]).await?;
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

    /// Whether it is required after the change.
    async fn update(
        caller: SecondFactor,
        before: bool,
        wanted: Option<bool>,
    ) -> (Result<bool, SettingsError>, bool) {
        let of = |mfa_required_for_admins| CompanySettings { mfa_required_for_admins };
        let writes = usize::from(
            wanted.is_some_and(|wanted| wanted != before && (!wanted || caller == SecondFactor::On)),
        );
        let (mut settings, mut audit) = (MockSettingsWriter::new(), MockAuditWriter::new());
        settings.expect_lock().returning(move |_| Ok(Some(of(before))));
        settings
            .expect_set()
            .withf(move |_, settings| Some(settings.mfa_required_for_admins) == wanted)
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
        let patch = SettingsPatch { mfa_required_for_admins: wanted };
        let receipt = |_: &CompanySettings| unreachable!("it is not done once");
        let result = use_case.execute(&actor, patch, &Change::default(), &receipt).await;
        let told = result.map(|done| match done {
            Done::Now(settings) => settings.mfa_required_for_admins,
            Done::Before(_) => unreachable!("it is not done once"),
        });
        (told, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn who_has_a_second_factor_may_require_it() {
        let (on, off) = (SecondFactor::On, SecondFactor::Off);
        assert_eq!(update(on, false, Some(true)).await, (Ok(true), true));
        assert_eq!(update(off, false, Some(true)).await, (Err(SettingsError::NoFactor), false));
        assert_eq!(update(on, true, Some(false)).await, (Ok(false), true));
        for before in [false, true] {
            assert_eq!(update(off, before, None).await, (Ok(before), true), "nothing changes");
        }
    }

    #[tokio::test]
    async fn they_are_the_administrators_business() {
        let get = GetSettings::new(Arc::new(MockSettingsReader::new()));
        assert_eq!(get.execute(&actor()).await, Err(ChangeError::Forbidden.into()));
        let tx = Arc::new(OneTx::<FakeTx<MockSettingsWriter>>::none());
        let update = UpdateSettings::new(tx, Arc::new(MockClock::new()));
        let receipt = |_: &CompanySettings| unreachable!("nothing is done");
        let result = update.execute(&actor(), SettingsPatch::default(), &Change::default(), &receipt).await;
        assert_eq!(result.err(), Some(ChangeError::Forbidden.into()));
    }
}
