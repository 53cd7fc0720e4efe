//! Fixtures shared by the tests of the assignment use cases.

use haat_domain::assignment::{
    Batch, BatchKind, BatchState, IfAssigned, LockedRep, RepAssignedCounts, Totals,
};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, Role, UserId};

use super::Outcome;
use crate::shared::Actor;
use crate::testing::{actor, noon};

pub(super) const BATCH: BatchId = BatchId::new(3);

pub(super) fn admin() -> Actor {
    Actor { role: Role::Admin, ..actor() }
}

pub(super) const fn rep() -> UserId {
    UserId::new(5)
}

pub(super) fn locked() -> LockedRep {
    LockedRep { id: rep(), username: "sr00001".into(), active: true, capacity: 10 }
}

pub(super) const fn assigned_counts_of(starts: i64) -> RepAssignedCounts {
    RepAssignedCounts { rep: rep(), before: 0, starts, ends: 0, sure_ends: 0, capacity: 10 }
}

pub(super) fn stored_response(_: &Outcome) -> StoredResponse {
    StoredResponse { status: 200, location: None, etag: None, body: b"{}".to_vec() }
}

pub(super) fn batch(state: BatchState) -> Batch {
    Batch {
        id: BatchId::new(2),
        kind: BatchKind::Assign,
        state,
        actor: None,
        reason: Some("why".into()),
        if_assigned: IfAssigned::Move,
        force: true,
        created_at: noon(),
        applied_at: None,
        undoes: None,
        undone_by: None,
        totals: Totals { assigned: 7, ..Totals::default() },
    }
}
