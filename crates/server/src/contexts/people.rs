use std::sync::Arc;

use haat_application::people::{CreateAdmin, PeopleUseCases, Users};
use haat_application::shared::Changes;
use haat_crypto_adapter::RandomPasswords;
use haat_domain::auth::PasswordHasher;
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::PgDatabase;

use super::Parts;
use super::auth::hasher;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::people::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(people(parts.storage, parts.hasher.clone()))
}

/// The use cases of users and sales reps.
fn people(storage: &Storage, hasher: Arc<dyn PasswordHasher>) -> PeopleUseCases {
    let db = &storage.db;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    PeopleUseCases { users: Users::new(db.clone(), Arc::new(RandomPasswords), hasher, changes) }
}

/// The use case behind `haat create-admin`.
pub(crate) fn create_admin(db: &PgDatabase, bcrypt_cost: u32) -> CreateAdmin {
    let db = Arc::new(db.clone());
    CreateAdmin::new(db.clone(), hasher(bcrypt_cost), db, Arc::new(SystemClock))
}
