use std::collections::HashMap;

use async_trait::async_trait;
use diesel::OptionalExtension as _;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use haat_domain::assignment::{
    Applied, AssignmentTx, AssignmentWriter, Batch, BatchRecord, Drawing, Flow, Listed, LockedRep, Moved,
    NamedRep, RepLoad, RepRef, RowFaults, ShopLock, Totals, WishedRow,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Begin, JobId, StorageFailure, TenantId, UserId};

use super::rows::{BatchRow, LoadColumns, counts, options};
use super::statements::{
    Apply, Clear, DrawAssign, DrawUnassign, DrawUndo, Flows, KeepPlan, Loads, LockBatch, LockReps, LockShops,
    NamedReps, NewBatch, Refuse, Reps, RowErrors, ShopsOf, StageBatch, StageRows, StageSteps, Staged, SumUp,
    VerifyPlan,
};
use crate::PgDatabase;
use crate::shared::{PgTx, inconsistent};

/// The most uids that an answer lists.
const MOST: i64 = 10_000;

/// Five counts, then four lists, each with its count.
type TotalsRow = (
    (i64, i64, i64, i64, i64),
    (i64, Vec<String>),
    (i64, Vec<String>),
    (i64, Vec<String>),
    (i64, Vec<String>),
);

#[async_trait]
impl AssignmentWriter for PgTx {
    async fn new_batch(&mut self, tenant: TenantId) -> Result<BatchId, StorageFailure> {
        let statement = NewBatch { tenant: tenant.get() };
        let (id,): (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(BatchId::new(id))
    }

    async fn stage(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        rows: &[WishedRow],
    ) -> Result<(), StorageFailure> {
        let statement = StageRows {
            tenant: tenant.get(),
            batch: batch.get(),
            rows: rows.iter().map(|row| row.row).collect(),
            reps: rows.iter().map(|row| row.rep.to_string()).collect(),
            uids: rows.iter().map(|row| row.uid.as_str().to_owned()).collect(),
        };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn stage_batch(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        undone: BatchId,
    ) -> Result<(), StorageFailure> {
        let statement = StageBatch { tenant: tenant.get(), batch: batch.get(), undone: undone.get() };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn stage_plan(&mut self, tenant: TenantId, plan: BatchId) -> Result<(), StorageFailure> {
        let statement = StageSteps { tenant: tenant.get(), plan: plan.get() };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn staged(&mut self, tenant: TenantId, batch: BatchId) -> Result<i64, StorageFailure> {
        let statement = Staged { tenant: tenant.get(), batch: batch.get() };
        let (rows,): (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(rows)
    }

    async fn named_reps(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<NamedRep>, StorageFailure> {
        let statement = NamedReps { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(String, i64, Option<i64>, bool)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let named = |(name, row, id, active): (_, _, Option<i64>, _)| NamedRep {
            name,
            row,
            found: id.map(|id| (UserId::new(id), active)),
        };
        Ok(rows.into_iter().map(named).collect())
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
        how: ShopLock,
    ) -> Result<Vec<LockedRep>, StorageFailure> {
        let (tenant, batch) = (tenant.get(), batch.get());
        let shops = LockShops { tenant, batch, how: how.as_str() };
        let _: (i64,) = self.ask(async |connection| shops.get_result(connection).await).await?;
        // A statement of its own: this one must see what whoever had the shops before has committed.
        let reps = reps.iter().copied().map(UserId::get).collect();
        let statement = LockReps { tenant, batch, reps, others: how == ShopLock::Alone };
        let rows: Vec<(i64, String, bool, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        Ok(rows.into_iter().map(locked_rep).collect())
    }

    async fn draw(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        drawing: &Drawing,
    ) -> Result<Vec<String>, StorageFailure> {
        let (tenant, batch) = (tenant.get(), batch.get());
        let (not_found,): (Vec<String>,) = match drawing {
            Drawing::Assign { reps, if_assigned, from } => {
                let (names, reps) = columns(reps);
                let (if_assigned, from) = (if_assigned.as_str(), from.map(UserId::get));
                let draw = DrawAssign { tenant, batch, names, reps, if_assigned, from, most: MOST };
                self.ask(async |connection| draw.get_result(connection).await).await
            }
            Drawing::Unassign { reps } => {
                let (names, reps) = columns(reps);
                let draw = DrawUnassign { tenant, batch, names, reps, most: MOST };
                self.ask(async |connection| draw.get_result(connection).await).await
            }
            Drawing::Undo(undone) => {
                let draw = DrawUndo { tenant, batch, undone: undone.get() };
                self.ask(async |connection| draw.get_result(connection).await).await
            }
        }?;
        Ok(not_found)
    }

    async fn loads(&mut self, tenant: TenantId, batch: BatchId) -> Result<Vec<RepLoad>, StorageFailure> {
        let statement = Loads { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(i64, i64, i64, i64, i64, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let load = |(rep, before, starts, ends, sure_ends, capacity)| RepLoad {
            rep: UserId::new(rep),
            before,
            starts,
            ends,
            sure_ends,
            capacity,
        };
        Ok(rows.into_iter().map(load).collect())
    }

    async fn flows(&mut self, tenant: TenantId, batch: BatchId) -> Result<Vec<Flow>, StorageFailure> {
        let statement = Flows { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(i64, i64, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let flow = |(from, to, shops)| Flow { from: UserId::new(from), to: UserId::new(to), shops };
        Ok(rows.into_iter().map(flow).collect())
    }

    async fn refuse(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
    ) -> Result<(), StorageFailure> {
        let reps = reps.iter().copied().map(UserId::get).collect();
        let statement = Refuse { tenant: tenant.get(), batch: batch.get(), reps };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn sum_up(&mut self, tenant: TenantId, batch: BatchId) -> Result<Totals, StorageFailure> {
        let statement = SumUp { tenant: tenant.get(), batch: batch.get(), most: MOST };
        let (counts, left_without, cross_territory, not_assigned, changed): TotalsRow =
            self.ask(async |connection| statement.get_result(connection).await).await?;
        let (assigned, already_assigned, moved, skipped, unassigned) = counts;
        let listed = |(count, uids)| Listed { count, uids };
        Ok(Totals {
            assigned,
            already_assigned,
            moved,
            skipped,
            unassigned,
            left_without: listed(left_without),
            cross_territory: listed(cross_territory),
            not_assigned: listed(not_assigned),
            changed: listed(changed),
        })
    }

    async fn note_row_errors(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        job: JobId,
        faults: &RowFaults,
    ) -> Result<i64, StorageFailure> {
        let (names, reps) = columns(&faults.reps);
        let statement = RowErrors {
            tenant: tenant.get(),
            batch: batch.get(),
            job: job.get(),
            unknown: faults.unknown.clone(),
            disabled: faults.disabled.clone(),
            names,
            reps,
        };
        let (rows,): (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(rows)
    }

    async fn keep_plan(&mut self, record: &BatchRecord) -> Result<(), StorageFailure> {
        let LoadColumns { reps, before, after, capacities } = LoadColumns::of(&record.loads);
        let statement = KeepPlan {
            tenant: record.tenant.get(),
            batch: record.batch.get(),
            actor: record.actor.0.get(),
            at: record.at,
            kind: record.kind.as_str(),
            reason: record.reason.clone(),
            options: options(record),
            counts: counts(&record.totals),
            reps,
            before,
            after,
            capacities,
        };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn apply(&mut self, record: &BatchRecord) -> Result<Applied, StorageFailure> {
        let LoadColumns { reps, before, after, capacities } = LoadColumns::of(&record.loads);
        let statement = Apply {
            tenant: record.tenant.get(),
            batch: record.batch.get(),
            actor: record.actor.0.get(),
            role: record.actor.1.as_str(),
            at: record.at,
            request_id: record.request_id.clone(),
            kind: record.kind.as_str(),
            reason: record.reason.clone(),
            options: options(record),
            counts: counts(&record.totals),
            end_reason: record.kind.end_reason(),
            undoes: record.undoes.map(BatchId::get),
            reps,
            before,
            after,
            capacities,
        };
        let (begun, ended, to_begin, to_end, _mode): (i64, i64, i64, i64, String) =
            self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(Applied { drawn: (to_begin, to_end), done: (begun, ended) })
    }

    async fn clear(&mut self, tenant: TenantId, batch: BatchId) -> Result<(), StorageFailure> {
        let statement = Clear { tenant: tenant.get(), batch: batch.get() };
        let _: (i64,) = self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn verify_plan(
        &mut self,
        tenant: TenantId,
        plan: BatchId,
    ) -> Result<(i64, Vec<Moved>), StorageFailure> {
        let statement = VerifyPlan { tenant: tenant.get(), plan: plan.get() };
        let rows: Vec<(String, String, String, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let count = rows.as_slice().first().map_or(0, |row| row.3);
        let moved = |(kind, name, what, _)| Moved { kind, name, what };
        Ok((count, rows.into_iter().map(moved).collect()))
    }

    async fn lock_batch(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Option<Batch>, StorageFailure> {
        let statement = LockBatch { tenant: tenant.get(), batch: batch.get() };
        let row: Option<BatchRow> =
            self.ask(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(Batch::try_from).transpose()
    }

    async fn reps(
        &mut self,
        tenant: TenantId,
        reps: &[RepRef],
    ) -> Result<Vec<Option<(LockedRep, i64)>>, StorageFailure> {
        let names: Vec<String> = reps.iter().map(RepRef::to_string).collect();
        let statement = Reps { tenant: tenant.get(), names: names.clone() };
        let rows: Vec<(String, i64, String, bool, i64, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let found: HashMap<String, (LockedRep, i64)> = rows
            .into_iter()
            .map(|(given, id, name, active, capacity, load)| {
                (given, (locked_rep((id, name, active, capacity)), load))
            })
            .collect();
        Ok(names.iter().map(|name| found.get(name).cloned()).collect())
    }

    async fn shops_of(&mut self, tenant: TenantId, rep: UserId) -> Result<Vec<RetailerUid>, StorageFailure> {
        let statement = ShopsOf { tenant: tenant.get(), rep: rep.get() };
        let uids: Vec<(String,)> = self.ask(async |connection| statement.load(connection).await).await?;
        let parse = |(uid,): (String,)| {
            RetailerUid::parse(&uid).map_err(|error| inconsistent("retailers", "uid", error))
        };
        uids.into_iter().map(parse).collect()
    }
}

/// Representatives, a list of names and one of ids.
fn columns(reps: &[(String, UserId)]) -> (Vec<String>, Vec<i64>) {
    reps.iter().map(|(name, id)| (name.clone(), id.get())).unzip()
}

fn locked_rep((id, username, active, capacity): (i64, String, bool, i64)) -> LockedRep {
    LockedRep { id: UserId::new(id), username, active, capacity }
}

#[async_trait]
impl Begin<dyn AssignmentTx> for PgDatabase {
    /// A plan is made for each statement as there are shops now. One that was made on this connection when one shop was
    /// staged would compare every two of ten thousand.
    async fn begin(&self) -> Result<Box<dyn AssignmentTx>, StorageFailure> {
        let mut tx = self.open().await?;
        let plan_anew = "SET LOCAL plan_cache_mode = force_custom_plan";
        tx.ask(async |connection| connection.batch_execute(plan_anew).await).await?;
        Ok(tx)
    }
}

impl AssignmentTx for PgTx {
    fn assignments(&mut self) -> &mut dyn AssignmentWriter {
        self
    }
}
