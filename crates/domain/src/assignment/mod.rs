//! Who serves which shop.

mod model;
mod ports;

pub use model::{
    Assigned, AssignmentChange, AssignmentGroup, FoundRep, OverCapacity, RepGroup, RepRef, Unassigned,
};
pub use ports::{AssignmentTx, AssignmentWriter};

#[cfg(feature = "mock")]
pub use ports::MockAssignmentWriter;
