//! Who changed what, when, from what to what. An entry is written in the transaction of the change it tells of.

mod model;
mod ports;
mod reading;

pub use model::{AuditEntry, Snapshot, SnapshotValue};
pub use ports::{AuditReader, AuditWriter};
pub use reading::{AuditActor, AuditFilter, AuditKey, AuditLine, RawJson};

#[cfg(feature = "mock")]
pub use ports::{MockAuditReader, MockAuditWriter};
