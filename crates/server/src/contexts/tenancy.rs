use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::tenancy::{CreateTenant, Settings, TenancyUseCases, Tenants};
use haat_crypto_adapter::RandomPasswords;
use haat_http_core::{AppData, Context};
use haat_persistence_org::OrgDatabase;

use super::Parts;
use crate::system::SystemClock;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_org::tenancy::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let db = &parts.storage.org;
    let passwords = Arc::new(RandomPasswords);
    AppData::new(TenancyUseCases {
        settings: Settings::new(db.clone(), Changes::new(db.clone(), Arc::new(SystemClock))),
        tenants: Tenants::new(
            db.clone(),
            passwords,
            parts.hasher.clone(),
            Changes::new(db.clone(), Arc::new(SystemClock)),
        ),
    })
}

/// The use case behind `haat create-tenant`.
pub(crate) fn create_tenant(db: &OrgDatabase) -> CreateTenant {
    CreateTenant::new(Arc::new(db.clone()), Arc::new(SystemClock))
}
