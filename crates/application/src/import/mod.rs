//! Files of shops, and how they come into the pool.

mod apply_import;
mod cancel_import;
mod change_import;
#[cfg(test)]
mod csv_cases;
mod error_file;
mod header;
mod import_file;
mod import_retailers;
mod messages;
mod places;
mod read_imports;
mod refusal;
mod row;
mod stage_rows;
mod submit_import;
#[cfg(test)]
mod testing;
mod undo_import;
mod undo_retailers;
mod write_error_file;

use chrono::{DateTime, Utc};
use haat_domain::identity::UserStandingReader;
use haat_domain::import::{ImportActor, ImportTx};
use haat_domain::job::{Attempt, JobFacts, NewJob};
use haat_domain::shared::{ImportId, StorageFailure, TenantId, UserId};

pub use apply_import::ApplyImport;
pub use cancel_import::CancelImport;
pub use change_import::ChangeImportError;
pub use error_file::ErrorFile;
pub use import_file::{ImportFile, ReadRow};
pub use import_retailers::ImportRetailers;
pub use messages::{Message, failure_message, refusal_message, row_message};
pub use read_imports::{FoundImport, ReadImports, ReadImportsError, new_places};
pub use refusal::{ImportFileError, Refusal};
pub use submit_import::SubmitImport;
pub use undo_import::{UndoImport, UndoneImport};
pub use undo_retailers::UndoRetailers;
pub use write_error_file::{WriteErrorFile, WriteErrorFileError};

use crate::job::{JobFailure, asker};
use crate::shared::Permission;

/// The kind of job that reads and writes a file.
const IMPORT: &str = "import-retailers";

/// The kind of job that takes one back.
const UNDO: &str = "undo-import";

/// The use cases that answer HTTP requests.
pub struct ImportApi {
    /// `POST /admin/retailers/import`.
    pub submit: SubmitImport,
    /// `GET /admin/retailers/imports`, one of them and its events.
    pub read: ReadImports,
    /// `GET /admin/retailers/imports/{id}/errors`.
    pub errors: WriteErrorFile,
    /// `POST /admin/retailers/imports/{id}/apply`.
    pub apply: ApplyImport,
    /// `POST /admin/retailers/imports/{id}/cancel`.
    pub cancel: CancelImport,
    /// `POST /admin/retailers/imports/{id}/undo`.
    pub undo: UndoImport,
}

/// Leaves an import to a job of this kind, which has to know where its progress is and which request asked for it.
async fn enqueue(
    tx: &mut dyn ImportTx,
    kind: &'static str,
    (tenant, import): (TenantId, ImportId),
    actor: Option<UserId>,
    request_id: &str,
    created_at: DateTime<Utc>,
) -> Result<(), StorageFailure> {
    let job = NewJob { tenant, kind, actor, facts: facts(import, request_id), created_at };
    tx.jobs().enqueue(&job).await?;
    Ok(())
}

fn facts(import: ImportId, request_id: &str) -> JobFacts {
    [("import".to_owned(), import.to_string()), ("requestId".to_owned(), request_id.to_owned())].into()
}

/// The request that asked for a job.
fn request_of(attempt: &Attempt) -> &str {
    attempt.facts.get("requestId").map_or("", String::as_str)
}

/// The import of a job.
fn import_of(attempt: &Attempt) -> Result<ImportId, JobFailure> {
    let id = attempt.facts.get("import").and_then(|id| id.parse().ok());
    id.map(ImportId::new).ok_or(JobFailure::Refused("internal-error"))
}

/// Who asked for a job, if they still may; nobody is the operator at the command line.
async fn may_import(
    standings: &dyn UserStandingReader,
    attempt: &Attempt,
) -> Result<Option<ImportActor>, JobFailure> {
    let Some(user) = attempt.actor else {
        return Ok(Some(ImportActor { user: None }));
    };
    let asker = asker(standings, attempt.tenant, user).await?;
    let asker = asker.filter(|asker| asker.may(Permission::ManageRetailers));
    Ok(asker.map(|asker| ImportActor { user: Some((user, asker.role)) }))
}
