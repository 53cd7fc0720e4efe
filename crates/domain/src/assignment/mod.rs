//! Who serves which shop.

mod batch;
mod history;
mod model;
mod ports;
mod rules;

pub use batch::{Batch, BatchChange, BatchChangeKey, BatchFilter, BatchKind, BatchRecord, BatchState, Moved};
pub use history::{Span, SpanKey, When};
pub use model::{
    Applied, Drawing, Flow, IfAssigned, Listed, Load, LockedRep, NamedRep, OverCapacity, RepLoad, RepRef,
    RowFaults, ShopLock, Totals, WishedRow,
};
pub use ports::{AssignmentReader, AssignmentStage, AssignmentStager, AssignmentTx, AssignmentWriter};
pub use rules::{Room, over_capacity, spread};

#[cfg(feature = "mock")]
pub use ports::{MockAssignmentReader, MockAssignmentStage, MockAssignmentStager, MockAssignmentWriter};
