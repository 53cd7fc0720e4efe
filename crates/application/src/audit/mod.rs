//! Reading the audit log.

mod list_audit;

pub use list_audit::{ListAudit, ListAuditError, ListAuditInput};

/// The use cases that answer HTTP requests.
pub struct AuditApi {
    /// `GET /admin/audit`.
    pub list: ListAudit,
}
