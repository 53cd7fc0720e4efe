//! Computation of assignment steps from staged rows, and their application.

use std::collections::{HashMap, HashSet};

use haat_domain::assignment::{
    AllocationRequest, Applied, AssignedCounts, AssignmentTx, BatchRecord, BatchResult, LockRequest,
    LockedRep, OverCapacity, RepAssignedCounts, RetailerLock, UidSample, over_capacity,
};
use haat_domain::shared::{BatchId, StorageFailure, Targets, TenantId, UserId};

use super::Outcome;
use crate::shared::{Audited, WriteOptions};

/// Computes the steps of staged and locked rows, and refuses the new assignments of sales reps who would
/// exceed their capacity, unless `force` is set, and those of disabled sales reps. `names` holds the names that the input uses for the sales
/// reps.
pub(super) async fn compute_steps(
    tx: &mut dyn AssignmentTx,
    (tenant, batch): (TenantId, BatchId),
    allocation: &AllocationRequest,
    (locked, names): (&[LockedRep], &HashMap<UserId, String>),
    force: bool,
) -> Result<Outcome, StorageFailure> {
    let writer = tx.assignments();
    let not_found = writer.compute_steps(tenant, batch, allocation).await?;
    let mut assigned_counts = writer.assigned_counts(tenant, batch).await?;
    // Orders name no disabled sales rep; a file can name one who serves the retailer already.
    let gets_none = |counts: &&RepAssignedCounts| counts.starts > 0 && is_disabled(locked, counts.rep);
    let disabled: Vec<UserId> = match allocation {
        AllocationRequest::Assign { .. } | AllocationRequest::Transfer { .. } => {
            assigned_counts.iter().filter(gets_none).map(|counts| counts.rep).collect()
        }
        AllocationRequest::Unassign { .. } | AllocationRequest::Undo(_) => Vec::new(),
    };
    if !disabled.is_empty() {
        writer.refuse(tenant, batch, &disabled).await?;
        assigned_counts = writer.assigned_counts(tenant, batch).await?;
    }
    // Most calls exceed no capacity, even if the retailers that may move to other sales reps are still
    // counted.
    let may_exceed_capacity = |counts: &RepAssignedCounts| {
        counts.starts > 0 && counts.before + counts.starts - counts.sure_ends > counts.capacity
    };
    let mut over = Vec::new();
    if assigned_counts.iter().any(may_exceed_capacity) {
        let refused = over_capacity(&assigned_counts, &writer.transfer_counts(tenant, batch).await?);
        over = assigned_counts
            .iter()
            .filter_map(|counts| Some((counts, *refused.get(&counts.rep)?)))
            .map(|(counts, count)| OverCapacity {
                rep: names.get(&counts.rep).cloned().unwrap_or_default(),
                count,
                limit: counts.capacity,
                refused: if force { 0 } else { counts.starts },
            })
            .collect();
        if !force && !refused.is_empty() {
            writer.refuse(tenant, batch, &refused.into_keys().collect::<Vec<_>>()).await?;
            assigned_counts = writer.assigned_counts(tenant, batch).await?;
        }
    }
    let totals = writer.totals(tenant, batch).await?;
    let assigned_counts = with_names(&assigned_counts, locked);
    let result = BatchResult {
        totals,
        not_found: UidSample::of(not_found),
        refused: over.iter().map(|over| over.refused).sum(),
        over_capacity: over,
        ..BatchResult::default()
    };
    Ok(Outcome { batch: None, result, assigned_counts, repeated: false })
}

/// Returns the sales reps whose assignments the change may end: the locked ones, or `None` for all if the caller's scope is the
/// whole tenant.
pub(super) fn within(targets: &Targets, locked: &[LockedRep]) -> Option<Vec<UserId>> {
    (!targets.all).then(|| locked.iter().map(|rep| rep.id).collect())
}

fn is_disabled(locked: &[LockedRep], rep: UserId) -> bool {
    locked.iter().any(|locked| locked.id == rep && !locked.active)
}

fn with_names(assigned_counts: &[RepAssignedCounts], locked: &[LockedRep]) -> Vec<AssignedCounts> {
    let names: HashMap<UserId, &str> = locked.iter().map(|rep| (rep.id, rep.username.as_str())).collect();
    let with_name = |counts: &RepAssignedCounts| AssignedCounts {
        rep: counts.rep,
        username: names.get(&counts.rep).copied().unwrap_or_default().to_owned(),
        before: counts.before,
        after: counts.after(),
        capacity: counts.capacity,
    };
    let mut assigned_counts: Vec<_> = assigned_counts.iter().map(with_name).collect();
    assigned_counts.sort_by_cached_key(|counts| counts.username.to_ascii_lowercase());
    assigned_counts
}

/// Locks all staged retailers and the sales reps who serve them, so that no other change of their assignments
/// can happen. Returns the locked sales reps, or `None` if a staged sales rep is out of scope.
pub(super) async fn lock_staged(
    tx: &mut dyn AssignmentTx,
    (tenant, batch): (TenantId, BatchId),
    targets: Targets,
) -> Result<Option<Vec<LockedRep>>, StorageFailure> {
    let named = tx.assignments().named_reps(tenant, batch).await?;
    let reps: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
    let request = LockRequest { targets, reps, retailers: RetailerLock::Exclusive, with_unserved: true };
    let locked = tx.assignments().lock(tenant, batch, &request).await?;
    let ids: HashSet<UserId> = locked.iter().map(|rep| rep.id).collect();
    Ok(request.reps.iter().all(|rep| ids.contains(rep)).then_some(locked))
}

/// Applies the steps. Fails unless exactly the computed numbers of assignments began and ended.
pub(super) async fn apply(tx: &mut dyn AssignmentTx, record: &BatchRecord) -> Result<(), StorageFailure> {
    let (tenant, batch) = (record.tenant, record.batch);
    let Applied { computed, applied } = tx.assignments().apply(record).await?;
    if applied != computed {
        return Err(StorageFailure::Broken(format!(
            "batch {batch}: computed {computed:?}, applied {applied:?}"
        )));
    }
    tx.assignments().clear(tenant, batch).await
}

/// Applies a batch or saves it as a plan. Sets the batch id of the outcome if the batch exists afterwards.
pub(super) async fn settle(
    tx: &mut dyn AssignmentTx,
    plan: bool,
    record: &BatchRecord,
    outcome: &mut Outcome,
) -> Result<(), StorageFailure> {
    if plan {
        tx.assignments().save_plan(record).await?;
        outcome.batch = Some(record.batch);
    } else if outcome.result.changes_something() {
        apply(tx, record).await?;
        outcome.batch = Some(record.batch);
    } else {
        tx.assignments().clear(record.tenant, record.batch).await?;
    }
    Ok(())
}

/// Settles the batch, unless this is a dry run. The statements that apply a batch also write its audit entries.
pub(super) async fn conclude(
    tx: &mut dyn AssignmentTx,
    options: &WriteOptions,
    plan: bool,
    record: &BatchRecord,
    mut outcome: Outcome,
) -> Result<Audited<Outcome>, StorageFailure> {
    if !options.validate_only {
        settle(tx, plan, record, &mut outcome).await?;
    }
    Ok(Audited::recorded(outcome))
}
