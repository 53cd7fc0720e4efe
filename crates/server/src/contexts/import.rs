use std::sync::Arc;
use std::time::Duration;

use haat_application::import::{
    ApplyImport, CancelImport, ImportRetailers, ImportUseCases, ReadImports, SubmitImport, UndoImport,
    UndoRetailers, WriteErrorFile,
};
use haat_application::job::{JobHandler, RunJobs};
use haat_application::shared::Changes;
use haat_domain::import::ImportReader;
use haat_domain::shared::FileStore;
use haat_domain::tenancy::TenantReader;
use haat_http_core::{AppData, Context};
use haat_persistence_adapter::{DatabaseConfig, PgDatabase, PgImportStager};
use haat_persistence_org::OrgDatabase;

use super::Parts;
use crate::system::{SystemClock, SystemIds};
use crate::wiring::{Storage, long_running_pool};

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::import::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(import(parts.storage, parts.long_running.clone(), parts.files.clone()))
}

/// The use cases of imports.
fn import(
    storage: &Storage,
    long_running_pool: Arc<PgDatabase>,
    files: Arc<dyn FileStore>,
) -> ImportUseCases {
    let db = &storage.db;
    // An import can be of any size: starting to apply it, or a dry run of its undo, may take a while.
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    let long_running = Changes::new(long_running_pool, Arc::new(SystemClock));
    ImportUseCases {
        submit: SubmitImport::new(files.clone(), Arc::new(SystemIds), changes.clone()),
        read: ReadImports::new(db.clone()),
        errors: WriteErrorFile::new(db.clone(), files),
        apply: ApplyImport::new(long_running.clone()),
        cancel: CancelImport::new(changes),
        undo: UndoImport::new(long_running),
    }
}

/// The job handlers that import files and undo imports.
pub(crate) fn import_handlers(
    long_running_pool: &DatabaseConfig,
    db: &Arc<PgDatabase>,
    files: Arc<dyn FileStore>,
) -> [Arc<dyn JobHandler>; 2] {
    let import = ImportRetailers::new(
        db.clone(),
        files,
        Arc::new(PgImportStager::new(long_running_pool.clone())),
        db.clone(),
        db.clone(),
        db.clone(),
        Arc::new(SystemClock),
    );
    let undo = UndoRetailers::new(db.clone(), db.clone(), Arc::new(SystemClock));
    [Arc::new(import), Arc::new(undo)]
}

/// The use cases and readers of `haat import`.
pub(crate) struct OperatorImport {
    /// Finds the tenant.
    pub(crate) tenants: Arc<dyn TenantReader>,
    /// Reads the progress of an import.
    pub(crate) imports: Arc<dyn ImportReader>,
    /// Submits a file.
    pub(crate) submit: SubmitImport,
    /// Applies a dry run.
    pub(crate) apply: ApplyImport,
    /// Writes the rows with errors.
    pub(crate) errors: WriteErrorFile,
    /// Runs the job of the import.
    pub(crate) jobs: Arc<RunJobs>,
}

impl OperatorImport {
    /// Builds the use cases; opens no connection yet. A job without a heartbeat for `stale` is taken over.
    pub(crate) fn new(
        database: &DatabaseConfig,
        files: Arc<dyn FileStore>,
        stale: Duration,
    ) -> anyhow::Result<Self> {
        let long_running_pool = long_running_pool(database, 1);
        let db = Arc::new(PgDatabase::new(&long_running_pool)?);
        let handlers = import_handlers(&long_running_pool, &db, files.clone()).into();
        let changes = Changes::new(db.clone(), Arc::new(SystemClock));
        Ok(Self {
            submit: SubmitImport::new(files.clone(), Arc::new(SystemIds), changes.clone()),
            apply: ApplyImport::new(changes),
            errors: WriteErrorFile::new(db.clone(), files),
            jobs: Arc::new(RunJobs::new(Arc::new(db.core()), handlers, stale)),
            tenants: Arc::new(OrgDatabase::from(db.core())),
            imports: db,
        })
    }
}
