//! The audit log: actor, action, time, and the state before and after each change. An entry is written in the
//! transaction of its change.

mod action;
mod model;
mod ports;
mod reading;

pub use action::{AuditAction, AuditEntity};
pub use model::{AuditEntry, Snapshot, SnapshotValue};
pub use ports::{AuditReader, AuditWriter};
pub use reading::{AuditActor, AuditFilter, AuditKey, AuditLine, RawJson};

#[cfg(feature = "mock")]
pub use ports::{MockAuditReader, MockAuditWriter};
