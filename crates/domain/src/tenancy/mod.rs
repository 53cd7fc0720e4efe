//! Tenants and their settings.

mod model;
mod ports;
mod values;

pub use model::TenantSettings;
pub use ports::{SettingsReader, SettingsTx, SettingsWriter, TenantReader, TenantTx, TenantWriter};
pub use values::{TenantName, TenantSlug, TenantSlugError};

#[cfg(feature = "mock")]
pub use ports::{MockSettingsReader, MockSettingsWriter, MockTenantReader, MockTenantWriter};
