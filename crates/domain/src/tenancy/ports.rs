use async_trait::async_trait;

use super::{TenantName, TenantSettings, TenantSlug};
use crate::change::ChangeTx;
use crate::shared::{StorageFailure, TenantId};

/// Resolves the short names of tenants.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantReader: Send + Sync {
    /// Returns the id of an active tenant.
    async fn id_of(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure>;
}

/// Reads the settings of a tenant.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SettingsReader: Send + Sync {
    /// Returns the current settings; `None` if the tenant is closed.
    async fn of(&self, tenant: TenantId) -> Result<Option<TenantSettings>, StorageFailure>;
}

/// Adds tenants inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantWriter: Send {
    /// Adds a tenant; `None` if another tenant has this short name.
    async fn insert(
        &mut self,
        slug: &TenantSlug,
        name: &TenantName,
    ) -> Result<Option<TenantId>, StorageFailure>;
}

/// The view of a transaction for adding tenants.
pub trait TenantTx: ChangeTx {
    /// Returns the tenants.
    fn tenants(&mut self) -> &mut dyn TenantWriter;
}

/// Changes the settings of a tenant inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SettingsWriter: Send {
    /// Locks the settings until the commit and returns them.
    async fn lock(&mut self, tenant: TenantId) -> Result<Option<TenantSettings>, StorageFailure>;

    /// Stores the settings.
    async fn set(&mut self, tenant: TenantId, settings: &TenantSettings) -> Result<(), StorageFailure>;
}

/// The view of a transaction for changing the settings of a tenant.
pub trait SettingsTx: ChangeTx {
    /// Returns the settings of the tenant.
    fn settings(&mut self) -> &mut dyn SettingsWriter;
}
