//! Fixtures shared by the tests of the assignment use cases.

use haat_domain::assignment::{
    Batch, BatchKind, BatchResult, BatchState, IfAssigned, LockedRep, RepAssignedCounts, Totals,
};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, UserId};

use super::Outcome;
use crate::shared::Rendered;
use crate::testing::{noon, response};

pub(super) const BATCH: BatchId = BatchId::new(3);

pub(super) const fn rep() -> UserId {
    UserId::new(5)
}

pub(super) fn locked() -> LockedRep {
    LockedRep { id: rep(), username: "sr00001".into(), active: true, capacity: 10 }
}

pub(super) const fn assigned_counts_of(starts: i64) -> RepAssignedCounts {
    RepAssignedCounts { rep: rep(), before: 0, starts, ends: 0, sure_ends: 0, capacity: 10 }
}

/// The outcome of a change, or its error.
pub(super) type Executed<E> = Result<Outcome, E>;

/// Runs a change with a renderer that keeps the outcome, and returns the outcome.
pub(super) async fn executed<E>(
    run: impl AsyncFnOnce(&mut dyn FnMut(&Outcome) -> Rendered) -> Result<StoredResponse, E>,
) -> Executed<E> {
    let mut rendered = None;
    run(&mut |outcome| {
        rendered = Some(outcome.clone());
        response(outcome)
    })
    .await?;
    Ok(rendered.unwrap())
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
        result: BatchResult { totals: Totals { assigned: 7, ..Totals::default() }, ..BatchResult::default() },
    }
}
