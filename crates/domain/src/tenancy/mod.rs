//! Tenants and their settings.

mod model;
mod ports;
mod tenant;
mod values;

pub use model::TenantSettings;
pub use ports::{
    SettingsReader, SettingsTx, SettingsWriter, TenantDirectory, TenantReader, TenantTx, TenantWriter,
};
pub use tenant::{NewTenant, Tenant, TenantKey, TenantPatch, TenantQuery, TenantSelector};
pub use values::{
    NewTenantSlug, NewTenantSlugError, TenantName, TenantSlug, TenantSlugError, TenantState, TenantStateError,
};

#[cfg(feature = "mock")]
pub use ports::{
    MockSettingsReader, MockSettingsWriter, MockTenantDirectory, MockTenantReader, MockTenantWriter,
};
