//! Reading the audit log.

mod log;

pub use log::{AuditLog, ListAudit};

/// The use cases behind the HTTP routes.
pub struct AuditUseCases {
    /// The log.
    pub log: AuditLog,
}
