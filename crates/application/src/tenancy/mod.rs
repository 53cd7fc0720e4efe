//! Tenants and their settings.

mod create_tenant;
mod settings;

pub use create_tenant::{CreateTenant, CreateTenantError};
pub use settings::{Settings, SettingsError, SettingsPatch};

/// The use cases of the HTTP API.
pub struct TenancyUseCases {
    /// The settings of a tenant.
    pub settings: Settings,
}
