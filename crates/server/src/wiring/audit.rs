use haat_application::audit::{AuditUseCases, ListAudit};

use super::Storage;

/// The use cases of the audit log.
pub(crate) fn audit(storage: &Storage) -> AuditUseCases {
    AuditUseCases { list: ListAudit::new(storage.db.clone(), storage.db.clone()) }
}
