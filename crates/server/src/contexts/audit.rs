use haat_application::audit::{AuditLog, AuditUseCases};
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::audit::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(audit(parts.storage))
}

/// The use cases of the audit log.
fn audit(storage: &Storage) -> AuditUseCases {
    AuditUseCases { log: AuditLog::new(storage.db.clone(), storage.db.clone()) }
}
