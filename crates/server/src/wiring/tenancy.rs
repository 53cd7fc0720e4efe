use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::tenancy::{CreateTenant, Settings, TenancyUseCases};
use haat_persistence_adapter::PgDatabase;

use super::Storage;
use crate::system::SystemClock;

/// The use cases of the settings of a tenant.
pub(crate) fn tenancy(storage: &Storage) -> TenancyUseCases {
    let db = &storage.db;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    TenancyUseCases { settings: Settings::new(db.clone(), changes) }
}

/// The use case behind `haat create-tenant`.
pub(crate) fn create_tenant(db: &PgDatabase) -> CreateTenant {
    CreateTenant::new(Arc::new(db.clone()), Arc::new(SystemClock))
}
