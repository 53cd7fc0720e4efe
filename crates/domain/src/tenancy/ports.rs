use async_trait::async_trait;

use super::{NewTenant, Tenant, TenantKey, TenantQuery, TenantSettings, TenantSlug};
use crate::change::ChangeTx;
use crate::shared::{Page, PageRequest, StorageFailure, TenantId, TimeZone};

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

/// Reads tenants as super admins see them. The platform tenant is one of them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// Returns a tenant, also a closed one.
    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StorageFailure>;

    /// Returns a page of tenants, ordered by their short names.
    async fn list(
        &self,
        query: &TenantQuery,
        page: &PageRequest<TenantKey>,
    ) -> Result<Page<Tenant, TenantKey>, StorageFailure>;
}

/// Changes tenants inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantWriter: Send {
    /// Adds a tenant; `None` if another tenant has this short name.
    async fn insert(&mut self, tenant: &NewTenant) -> Result<Option<TenantId>, StorageFailure>;

    /// Locks a tenant until the commit and returns its current state, also if it is closed.
    async fn lock(&mut self, tenant: TenantId) -> Result<Option<Tenant>, StorageFailure>;

    /// Stores name, time zone, state and support access of a locked tenant, and raises its version. A trigger adds the feed
    /// entry.
    async fn update(&mut self, tenant: &Tenant) -> Result<(), StorageFailure>;

    /// Returns true if the database knows the time zone.
    async fn has_time_zone(&mut self, time_zone: &TimeZone) -> Result<bool, StorageFailure>;
}

/// The view of a transaction for changing tenants.
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
