//! Tenant settings.

use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::SecondFactor;
use haat_domain::change::StoredResponse;
use haat_domain::shared::StorageFailure;
use haat_domain::tenancy::{SettingsReader, SettingsTx, TenantSettings};

use crate::auth::codes::MFA_NOT_ENABLED;
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, ManageSettings, Refusal, Refused, Rendered,
    WriteOptions,
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
            Self::NoFactor => Refused::new(&MFA_NOT_ENABLED).detail(
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

/// New values; `None` leaves a setting unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    /// Requires admins to have a second factor.
    pub mfa_required_for_admins: Option<bool>,
}

/// Reads and changes the settings of a tenant.
pub struct Settings {
    settings: Arc<dyn SettingsReader>,
    changes: Changes<dyn SettingsTx>,
}

impl Settings {
    /// Builds the use cases.
    #[must_use]
    pub fn new(settings: Arc<dyn SettingsReader>, changes: Changes<dyn SettingsTx>) -> Self {
        Self { settings, changes }
    }

    /// Returns the settings of the caller's tenant.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub async fn get(&self, allowed: &Allowed<ManageSettings>) -> Result<TenantSettings, SettingsError> {
        Ok(self.settings.of(allowed.tenant).await?.ok_or(ChangeError::CallerEnded)?)
    }

    /// Changes the settings of the caller's tenant.
    ///
    /// # Errors
    /// [`SettingsError`]. Nothing is changed on an error.
    pub async fn update(
        &self,
        allowed: &Allowed<ManageSettings>,
        patch: SettingsPatch,
        options: &WriteOptions,
        render: impl FnOnce(&TenantSettings) -> Rendered,
    ) -> Result<StoredResponse, SettingsError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let before = tx.settings().lock(tenant).await?.ok_or(ChangeError::CallerEnded)?;
                let required = patch.mfa_required_for_admins.unwrap_or(before.mfa_required_for_admins);
                let after = TenantSettings { mfa_required_for_admins: required };
                if after == before {
                    return Ok(Audited::unchanged(before));
                }
                // A change of the second factor changes the token version, so the state of the caller is current.
                if required && allowed.second_factor != SecondFactor::On {
                    return Err(SettingsError::NoFactor);
                }
                tx.settings().set(tenant, &after).await?;
                let snapshot = |settings: &TenantSettings| {
                    vec![("mfaRequiredForAdmins", settings.mfa_required_for_admins.into())]
                };
                let (before, changed) = (snapshot(&before), snapshot(&after));
                let action = AuditAction::TenantUpdateSettings;
                let updated = AuditedChange::updated(action, tenant.to_string(), before, changed);
                Ok(Audited::new(after, updated))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::tenancy::{MockSettingsReader, MockSettingsWriter, SettingsWriter};

    use super::*;
    use crate::shared::Actor;
    use crate::testing::{FakeTx, OneTx, admin, audits, changes, response, view};

    view!(SettingsTx, settings: MockSettingsWriter as SettingsWriter);

    /// Updates the setting; returns the error, if any, and whether the change was committed.
    async fn update(
        caller: SecondFactor,
        before: bool,
        requested: Option<bool>,
    ) -> (Option<SettingsError>, bool) {
        let of = |mfa_required_for_admins| TenantSettings { mfa_required_for_admins };
        let written = requested
            .is_some_and(|requested| requested != before && (!requested || caller == SecondFactor::On));
        let mut settings = MockSettingsWriter::new();
        settings.expect_lock().returning(move |_| Ok(Some(of(before))));
        settings
            .expect_set()
            .withf(move |_, settings| Some(settings.mfa_required_for_admins) == requested)
            .times(usize::from(written))
            .returning(|_, _| Ok(()));
        let audits = audits(written.then_some(AuditAction::TenantUpdateSettings));
        let tx = OneTx::new(FakeTx::of(settings).with_audit(audits));
        let committed = tx.committed();
        let allowed = Allowed::check(Actor { second_factor: caller, ..admin() }).unwrap();
        let settings = Settings::new(Arc::new(MockSettingsReader::new()), changes(tx));
        let patch = SettingsPatch { mfa_required_for_admins: requested };
        let result = settings.update(&allowed, patch, &WriteOptions::default(), response).await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn only_an_admin_with_a_second_factor_may_require_it() {
        let (on, off) = (SecondFactor::On, SecondFactor::Off);
        assert_eq!(update(on, false, Some(true)).await, (None, true));
        assert_eq!(update(off, false, Some(true)).await, (Some(SettingsError::NoFactor), false));
        assert_eq!(update(on, true, Some(false)).await, (None, true));
        for before in [false, true] {
            assert_eq!(update(off, before, None).await, (None, true), "nothing changes");
        }
    }
}
