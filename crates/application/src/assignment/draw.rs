//! From what is staged to what would happen, and from there to what does.

use std::collections::HashMap;

use haat_domain::assignment::{
    Applied, AssignmentTx, BatchRecord, Drawing, Load, LockedRep, OverCapacity, RepLoad, ShopLock,
    over_capacity,
};
use haat_domain::shared::{BatchId, Receipt, StorageFailure, TenantId, UserId};

use super::Outcome;
use crate::shared::{Actor, Change, ChangeError, finish};

/// Draws steps from staged and locked wishes, and refuses whoever would get too many. `names` is how representatives
/// were named.
pub(super) async fn draw(
    tx: &mut dyn AssignmentTx,
    (tenant, batch): (TenantId, BatchId),
    drawing: &Drawing,
    (locked, names): (&[LockedRep], &HashMap<UserId, String>),
    force: bool,
) -> Result<Outcome, StorageFailure> {
    let writer = tx.assignments();
    let not_found = writer.draw(tenant, batch, drawing).await?;
    let mut loads = writer.loads(tenant, batch).await?;
    // Most calls fill nobody up, whoever may lose shops to others.
    let tight =
        |load: &RepLoad| load.starts > 0 && load.before + load.starts - load.sure_ends > load.capacity;
    let mut over = Vec::new();
    if loads.iter().any(tight) {
        let refused = over_capacity(&loads, &writer.flows(tenant, batch).await?);
        over = loads
            .iter()
            .filter_map(|load| Some((load, *refused.get(&load.rep)?)))
            .map(|(load, count)| OverCapacity {
                rep: names.get(&load.rep).cloned().unwrap_or_default(),
                count,
                limit: load.capacity,
                refused: if force { 0 } else { load.starts },
            })
            .collect();
        if !force && !refused.is_empty() {
            writer.refuse(tenant, batch, &refused.into_keys().collect::<Vec<_>>()).await?;
            loads = writer.loads(tenant, batch).await?;
        }
    }
    let totals = writer.sum_up(tenant, batch).await?;
    let loads = with_names(&loads, locked);
    Ok(Outcome { batch: None, totals, not_found, over_capacity: over, unplaced: 0, loads })
}

pub(super) fn with_names(loads: &[RepLoad], locked: &[LockedRep]) -> Vec<Load> {
    let names: HashMap<UserId, &str> = locked.iter().map(|rep| (rep.id, rep.username.as_str())).collect();
    let load = |load: &RepLoad| Load {
        rep: load.rep,
        username: names.get(&load.rep).copied().unwrap_or_default().to_owned(),
        before: load.before,
        after: load.after(),
        capacity: load.capacity,
    };
    loads.iter().map(load).collect()
}

/// Locks all that is staged and everybody who serves it, for whoever has to know that nothing else happens to it.
pub(super) async fn lock_staged(
    tx: &mut dyn AssignmentTx,
    (tenant, batch): (TenantId, BatchId),
) -> Result<Vec<LockedRep>, StorageFailure> {
    let named = tx.assignments().named_reps(tenant, batch).await?;
    let reps: Vec<UserId> = named.iter().filter_map(|rep| Some(rep.found?.0)).collect();
    tx.assignments().lock(tenant, batch, &reps, ShopLock::Alone).await
}

/// Does what the steps say, and nothing else: what began and ended is counted against them.
pub(super) async fn apply(tx: &mut dyn AssignmentTx, record: &BatchRecord) -> Result<(), StorageFailure> {
    let (tenant, batch) = (record.tenant, record.batch);
    let Applied { drawn, done } = tx.assignments().apply(record).await?;
    if done != drawn {
        return Err(StorageFailure::Broken(format!("batch {batch} drew {drawn:?} and did {done:?}")));
    }
    tx.assignments().clear(tenant, batch).await
}

/// Applies a batch or keeps it as a plan. The outcome gets the batch's id if there is one afterwards.
pub(super) async fn settle(
    tx: &mut dyn AssignmentTx,
    plan: bool,
    record: &BatchRecord,
    outcome: &mut Outcome,
) -> Result<(), StorageFailure> {
    if plan {
        tx.assignments().keep_plan(record).await?;
        outcome.batch = Some(record.batch);
    } else if outcome.changes_something() {
        apply(tx, record).await?;
        outcome.batch = Some(record.batch);
    } else {
        tx.assignments().clear(record.tenant, record.batch).await?;
    }
    Ok(())
}

/// [`settle`]s and commits; a trial is rolled back.
pub(super) async fn conclude(
    mut tx: Box<dyn AssignmentTx>,
    actor: &Actor,
    change: &Change,
    plan: bool,
    record: BatchRecord,
    outcome: &mut Outcome,
    receipt: &(dyn Fn(&Outcome) -> Receipt + Sync),
) -> Result<(), ChangeError> {
    if !change.validate_only {
        settle(&mut *tx, plan, &record, outcome).await?;
    }
    finish(tx, actor, change, || receipt(outcome)).await
}
