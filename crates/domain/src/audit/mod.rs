//! Who changed what, when, from what to what. An entry is written in the transaction of the change it tells of.

mod model;
mod ports;

pub use model::{AuditEntry, Snapshot, SnapshotValue};
pub use ports::AuditWriter;

#[cfg(feature = "mock")]
pub use ports::MockAuditWriter;
