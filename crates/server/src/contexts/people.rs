use std::sync::Arc;

use haat_application::job::JobHandler;
use haat_application::people::{
    CreateAdmin, CreateFromFile, PasswordFiles, PeopleUseCases, UserRoles, Users, sales_rep_jobs,
    submit_sales_reps,
};
use haat_application::shared::Changes;
use haat_crypto_adapter::RandomPasswords;
use haat_domain::auth::{DerivedPasswords, PasswordHasher};
use haat_domain::shared::FileStore;
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::PgDatabase;
use haat_persistence_org::OrgDatabase;

use super::Parts;
use super::auth::hasher;
use crate::system::{SystemClock, SystemIds};

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_org::people::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let (db, files) = (&parts.storage.org, &parts.files);
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    let passwords = Arc::new(RandomPasswords);
    AppData::new(PeopleUseCases {
        users: Users::new(db.clone(), passwords, parts.hasher.clone(), changes.clone()),
        roles: UserRoles::new(db.clone(), changes.clone()),
        submit: submit_sales_reps(files.clone(), Arc::new(SystemIds), changes),
        imports: sales_rep_jobs(Arc::new(db.core()), files.clone()),
        passwords: PasswordFiles::new(
            db.clone(),
            parts.derived_passwords.clone(),
            db.clone(),
            Arc::new(SystemClock),
        ),
    })
}

/// The job handler that creates sales reps from files.
pub(crate) fn create_handler(
    db: &Arc<PgDatabase>,
    files: Arc<dyn FileStore>,
    passwords: (Arc<dyn DerivedPasswords>, Arc<dyn PasswordHasher>),
) -> Arc<dyn JobHandler> {
    let queue = Arc::new(db.core());
    Arc::new(CreateFromFile::new(
        (queue.clone(), queue),
        files,
        passwords,
        db.clone(),
        Arc::new(OrgDatabase::from(db.core())),
        Arc::new(SystemClock),
    ))
}

/// The use case behind `haat create-admin`.
pub(crate) fn create_admin(db: &OrgDatabase, bcrypt_cost: u32) -> CreateAdmin {
    let db = Arc::new(db.clone());
    CreateAdmin::new(db.clone(), hasher(bcrypt_cost), db, Arc::new(SystemClock))
}
