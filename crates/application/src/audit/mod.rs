//! Reading the audit log.

mod list_audit;

pub use list_audit::{ListAudit, ListAuditError, ListAuditInput};

/// The use cases behind the HTTP routes.
pub struct AuditUseCases {
    /// `GET /admin/audit`.
    pub list: ListAudit,
}
