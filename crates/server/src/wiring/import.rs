use std::sync::Arc;
use std::time::Duration;

use haat_application::import::{
    ApplyImport, CancelImport, ImportApi, ImportRetailers, ReadImports, SubmitImport, UndoImport,
    UndoRetailers, WriteErrorFile,
};
use haat_application::job::{JobHandler, RunJobs};
use haat_domain::identity::UserReader;
use haat_domain::import::ImportReader;
use haat_domain::shared::FileStore;
use haat_persistence_adapter::{DatabaseConfig, PgDatabase, PgImportStager};

use super::{Storage, patient};
use crate::system::{SystemClock, SystemIds};

/// The use cases of importing.
pub(crate) fn import(
    storage: &Storage,
    database: &DatabaseConfig,
    files: Arc<dyn FileStore>,
) -> anyhow::Result<ImportApi> {
    let db = &storage.db;
    // An import can be of any size; to begin to write it or see what an undo would do may take a while.
    let patient = DatabaseConfig { statement_timeout: Duration::ZERO, pool_size: 2, ..database.clone() };
    let patient = Arc::new(PgDatabase::new(&patient)?.telling(storage.listener.clone()));
    let clock = || Arc::new(SystemClock);
    Ok(ImportApi {
        submit: SubmitImport::new(files.clone(), Arc::new(SystemIds), db.clone(), clock()),
        read: ReadImports::new(db.clone()),
        errors: WriteErrorFile::new(db.clone(), files),
        apply: ApplyImport::new(patient.clone(), clock()),
        cancel: CancelImport::new(db.clone(), clock()),
        undo: UndoImport::new(patient, clock()),
    })
}

/// Whoever imports files and takes imports back.
pub(crate) fn import_handlers(
    patient: &DatabaseConfig,
    db: &Arc<PgDatabase>,
    files: Arc<dyn FileStore>,
) -> [Arc<dyn JobHandler>; 2] {
    let import = ImportRetailers::new(
        db.clone(),
        files,
        Arc::new(PgImportStager::new(patient.clone())),
        db.clone(),
        db.clone(),
        db.clone(),
        Arc::new(SystemClock),
    );
    let undo = UndoRetailers::new(db.clone(), db.clone(), Arc::new(SystemClock));
    [Arc::new(import), Arc::new(undo)]
}

/// What `haat import` needs.
pub(crate) struct OperatorImport {
    /// Knows companies.
    pub(crate) users: Arc<dyn UserReader>,
    /// Shows how far an import is.
    pub(crate) imports: Arc<dyn ImportReader>,
    /// Takes a file.
    pub(crate) submit: SubmitImport,
    /// Lets one that waits be applied.
    pub(crate) apply: ApplyImport,
    /// Writes the rows with errors.
    pub(crate) errors: WriteErrorFile,
    /// Works on it.
    pub(crate) jobs: Arc<RunJobs>,
}

impl OperatorImport {
    /// Connects nothing yet. `stale` is after how long of silence a job is taken over.
    pub(crate) fn new(
        database: &DatabaseConfig,
        files: Arc<dyn FileStore>,
        stale: Duration,
    ) -> anyhow::Result<Self> {
        let patient = patient(database, 1);
        let db = Arc::new(PgDatabase::new(&patient)?);
        let handlers = import_handlers(&patient, &db, files.clone()).into();
        let clock = || Arc::new(SystemClock);
        Ok(Self {
            submit: SubmitImport::new(files.clone(), Arc::new(SystemIds), db.clone(), clock()),
            apply: ApplyImport::new(db.clone(), clock()),
            errors: WriteErrorFile::new(db.clone(), files),
            jobs: Arc::new(RunJobs::new(db.clone(), handlers, stale)),
            users: db.clone(),
            imports: db,
        })
    }
}
