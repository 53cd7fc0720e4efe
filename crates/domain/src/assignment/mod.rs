//! Assignments of retailers to sales reps.

mod batch;
mod history;
mod model;
mod ports;
mod result;
mod rules;

pub use batch::{
    Batch, BatchChange, BatchChangeKey, BatchFilter, BatchKind, BatchRecord, BatchScope, BatchState,
    PlanConflict,
};
pub use history::{Interval, RepSpan, RepSpanKey, Span, SpanKey, When};
pub use model::{
    AllocationRequest, Applied, AssignedCounts, FailedRows, IfAssigned, LockRequest, LockedRep, NamedRep,
    OverCapacity, RepAssignedCounts, RepSelector, RequestedAssignment, RetailerLock, RowFaults, Totals,
    TransferCount, UidSample,
};
pub use ports::{AssignmentReader, AssignmentStage, AssignmentStager, AssignmentTx, AssignmentWriter};
pub use result::{BatchOutcome, BatchResult};
pub use rules::{RemainingCapacity, over_capacity, spread};

#[cfg(feature = "mock")]
pub use ports::{MockAssignmentReader, MockAssignmentStage, MockAssignmentStager, MockAssignmentWriter};
