use haat_application::audit::{AuditApi, ListAudit};

use super::Storage;

/// The use cases of the audit log.
pub(crate) fn audit(storage: &Storage) -> AuditApi {
    AuditApi { list: ListAudit::new(storage.db.clone(), storage.db.clone()) }
}
