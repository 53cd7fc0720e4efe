use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::tenancy::{CreateTenant, Settings, TenancyUseCases};
use haat_http_core::{AppData, Context};
use haat_persistence_org::OrgDatabase;

use super::Parts;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_org::tenancy::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(tenancy(parts.storage))
}

/// The use cases of the settings of a tenant.
fn tenancy(storage: &Storage) -> TenancyUseCases {
    let db = &storage.org;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    TenancyUseCases { settings: Settings::new(db.clone(), changes) }
}

/// The use case behind `haat create-tenant`.
pub(crate) fn create_tenant(db: &OrgDatabase) -> CreateTenant {
    CreateTenant::new(Arc::new(db.clone()), Arc::new(SystemClock))
}
