//! Tenants and their settings.

mod create_tenant;
mod refusals;
mod settings;
mod tenants;

pub use create_tenant::{CreateTenant, CreateTenantError};
pub use refusals::TenantError;
pub use settings::{Settings, SettingsError, SettingsPatch};
pub use tenants::{CreateTenantInput, CreatedTenant, FirstAdmin, Tenants};

/// The use cases of the HTTP API.
pub struct TenancyUseCases {
    /// The settings of a tenant.
    pub settings: Settings,
    /// The tenants.
    pub tenants: Tenants,
}
