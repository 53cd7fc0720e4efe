//! Imports of retailers from CSV files.

mod apply_import;
mod cancel_import;
mod change_import;
pub mod codes;
#[cfg(test)]
mod csv_cases;
mod file_rejection;
mod header;
mod import_file;
mod import_retailers;
mod messages;
mod places;
mod read_imports;
mod row;
mod stage_rows;
mod submit_import;
#[cfg(test)]
mod testing;
mod undo_import;
mod undo_retailers;
mod write_error_file;

use chrono::{DateTime, Utc};
use haat_domain::auth::AuthStateReader;
use haat_domain::import::{ImportActor, ImportId, ImportTx};
use haat_domain::job::{Attempt, JobArgs, JobKind, Lane, NewJob};
use haat_domain::shared::{TenantId, UserId};

pub use apply_import::ApplyImport;
pub use cancel_import::CancelImport;
pub use change_import::ChangeImportError;
pub use file_rejection::{FileRejection, ImportFileError};
pub use import_file::{ImportFile, ReadRow};
pub use import_retailers::ImportRetailers;
pub use messages::{failure_message, refusal_message, row_message};
pub use read_imports::{FoundImport, ReadImports, new_places};
pub use row::RowErrors;
pub use submit_import::SubmitImport;
pub use undo_import::{UndoImport, UndoneImport};
pub use undo_retailers::UndoRetailers;
pub use write_error_file::WriteErrorFile;

use crate::job::{self, JobFailure, job_requester, lane_of_file};
use crate::shared::{Allowed, ChangeError, ManageRetailers};

/// The kinds of jobs of this context.
pub const JOB_KINDS: &[&JobKind] = &[&IMPORT, &UNDO];

/// The kind of the job that imports a file.
static IMPORT: JobKind =
    JobKind { can_retry: false, public_args: &["import"], ..JobKind::new("import-retailers", Lane::Bulk) };

/// The kind of the job that undoes an import.
static UNDO: JobKind =
    JobKind { can_retry: false, public_args: &["import"], ..JobKind::new("undo-import", Lane::Bulk) };

/// The use cases of the HTTP API.
pub struct ImportUseCases {
    /// `POST /admin/retailers/import`.
    pub submit: SubmitImport,
    /// `GET /admin/retailers/imports`, `GET /admin/retailers/imports/{id}` and its events.
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

/// Enqueues a job of this kind for an import of a file of `size` bytes. The job stores the import and the id of the request.
async fn enqueue(
    tx: &mut dyn ImportTx,
    kind: &'static JobKind,
    (tenant, import, size): (TenantId, ImportId, i64),
    actor: Option<UserId>,
    request_id: &str,
    created_at: DateTime<Utc>,
) -> Result<(), ChangeError> {
    let job = NewJob {
        lane: lane_of_file(size),
        ..NewJob::new(tenant, kind, actor, args(import, request_id), created_at)
    };
    job::enqueue(tx, &job).await?;
    Ok(())
}

fn args(import: ImportId, request_id: &str) -> JobArgs {
    [("import".to_owned(), import.to_string()), ("requestId".to_owned(), request_id.to_owned())].into()
}

/// The id of the request that enqueued the job.
fn request_of(attempt: &Attempt) -> &str {
    attempt.args.get("requestId").map_or("", String::as_str)
}

/// The import that the job works on.
fn import_of(attempt: &Attempt) -> Result<ImportId, JobFailure> {
    let id = attempt.args.get("import").and_then(|id| id.parse().ok());
    id.map(ImportId::new).ok_or(JobFailure::Rejected("internal-error"))
}

/// Returns the requester of a job if they still have the permission; a job without a user was started by the
/// operator at the command line.
async fn may_import(
    auth_states: &dyn AuthStateReader,
    attempt: &Attempt,
) -> Result<Option<ImportActor>, JobFailure> {
    let Some(user) = attempt.actor else {
        return Ok(Some(ImportActor { user: None }));
    };
    let requester: Option<Allowed<ManageRetailers>> =
        job_requester(auth_states, attempt.tenant, user).await?;
    Ok(requester.map(|requester| ImportActor { user: Some((user, requester.role)) }))
}
