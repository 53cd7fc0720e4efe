use std::sync::Arc;

use haat_application::people::{
    CreateAdmin, CreatePerson, EndSessions, GetPerson, ListPeople, PeopleUseCases, ResetMfa, ResetPassword,
    UpdatePerson,
};
use haat_crypto_adapter::RandomPasswords;
use haat_domain::auth::{OneTimePasswords, PasswordHasher};
use haat_domain::shared::Clock;
use haat_http_adapter::{AppData, Context};
use haat_persistence_adapter::PgDatabase;

use crate::system::SystemClock;
use crate::wiring::Storage;
use super::Parts;
use super::auth::hasher;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::people::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(people(parts.storage, parts.hasher.clone()))
}

/// The use cases of users and sales reps.
fn people(storage: &Storage, hasher: Arc<dyn PasswordHasher>) -> PeopleUseCases {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let passwords: Arc<dyn OneTimePasswords> = Arc::new(RandomPasswords);
    let db = &storage.db;
    PeopleUseCases {
        list_people: ListPeople::new(db.clone()),
        get_person: GetPerson::new(db.clone()),
        create_person: CreatePerson::new(passwords.clone(), hasher.clone(), db.clone(), clock.clone()),
        update_person: UpdatePerson::new(db.clone(), clock.clone()),
        reset_password: ResetPassword::new(passwords, hasher, db.clone(), clock.clone()),
        end_sessions: EndSessions::new(db.clone(), clock.clone()),
        reset_mfa: ResetMfa::new(db.clone(), clock),
    }
}

/// The use case behind `haat create-admin`.
pub(crate) fn create_admin(db: &PgDatabase, bcrypt_cost: u32) -> CreateAdmin {
    let db = Arc::new(db.clone());
    CreateAdmin::new(db.clone(), hasher(bcrypt_cost), db, Arc::new(SystemClock))
}
