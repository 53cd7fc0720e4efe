//! Who serves which shop.

mod model;
mod ports;
mod rules;

pub use model::{
    Batch, BatchChange, BatchChangeKey, BatchFilter, BatchKind, BatchRecord, BatchState, Drawing, Flow,
    IfAssigned, Listed, Load, LockedRep, Moved, NamedRep, OverCapacity, RepLoad, RepRef, RowFaults, ShopLock,
    Span, SpanKey, Totals, When, WishedRow,
};
pub use ports::{AssignmentReader, AssignmentStage, AssignmentStager, AssignmentTx, AssignmentWriter};
pub use rules::{Room, over_capacity, spread};

#[cfg(feature = "mock")]
pub use ports::{MockAssignmentReader, MockAssignmentStage, MockAssignmentStager, MockAssignmentWriter};
