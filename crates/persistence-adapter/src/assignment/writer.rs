use std::collections::HashMap;

use async_trait::async_trait;
use diesel::OptionalExtension as _;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use haat_domain::assignment::{
    AllocationRequest, Applied, AssignedCounts, AssignmentTx, AssignmentWriter, Batch, BatchKind,
    BatchRecord, BatchScope, FailedRows, LockRequest, LockedRep, NamedRep, PlanConflict, RepAssignedCounts,
    RepSelector, RequestedAssignment, RetailerLock, RowFaults, Totals, TransferCount, UidSample,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, BeginTransaction, JobId, StorageFailure, Targets, TenantId, UserId};

use super::rows::{AssignedCountColumns, BatchCounts, BatchRow, counts, details, options, stored_counts};
use super::scope::covered;
use super::statements::{
    Apply, AssignSteps, Clear, CountStaged, DropRows, LockBatch, LockReps, LockRetailers, NamedReps,
    NewBatch, Refuse, Reps, RetailersOf, RowErrors, SavePlan, SelectAssignedCounts, SelectTotals,
    SelectTransferCounts, SettleUids, StageBatch, StageRows, StageSteps, TransferSteps, UnassignSteps,
    UndoSteps, VerifyPlan,
};
use crate::PgDatabase;
use crate::shared::{PgTx, inconsistent};

/// The most uids that a response lists.
const MAX_UIDS: i64 = 10_000;

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
        let (id,): (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(BatchId::new(id))
    }

    async fn stage(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        rows: &[RequestedAssignment],
    ) -> Result<(), StorageFailure> {
        let statement = StageRows {
            tenant: tenant.get(),
            batch: batch.get(),
            rows: rows.iter().map(|row| row.row).collect(),
            reps: rows
                .iter()
                .map(|row| row.rep.as_ref().map(RepSelector::to_string).unwrap_or_default())
                .collect(),
            uids: rows.iter().map(|row| row.uid.as_str().to_owned()).collect(),
        };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn stage_batch(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        undone: BatchId,
    ) -> Result<(), StorageFailure> {
        let statement = StageBatch { tenant: tenant.get(), batch: batch.get(), undone: undone.get() };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn stage_plan(&mut self, tenant: TenantId, plan: BatchId) -> Result<(), StorageFailure> {
        let statement = StageSteps { tenant: tenant.get(), plan: plan.get() };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn staged(&mut self, tenant: TenantId, batch: BatchId) -> Result<i64, StorageFailure> {
        let statement = CountStaged { tenant: tenant.get(), batch: batch.get() };
        let (rows,): (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(rows)
    }

    async fn named_reps(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<NamedRep>, StorageFailure> {
        let statement = NamedReps { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(String, i64, Option<i64>, bool)> =
            self.query(async |connection| statement.load(connection).await).await?;
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
        LockRequest { targets, reps, retailers, with_unserved }: &LockRequest,
    ) -> Result<Vec<LockedRep>, StorageFailure> {
        let settle = covered!((tenant, targets) => SettleUids { batch: batch.get() });
        let _: (i64,) = self.query(async |connection| settle.get_result(connection).await).await?;
        // Before the locks, so that nothing outside the scope is locked; again after them, because a retailer may have left the
        // scope.
        self.restrict_to_scope(tenant, targets, batch, *with_unserved).await?;
        let statement = LockRetailers { tenant: tenant.get(), batch: batch.get(), lock: retailers.as_str() };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        // A separate statement, so that it sees what the previous holder of the locks committed.
        let statement = LockReps {
            tenant: tenant.get(),
            batch: batch.get(),
            reps: reps.iter().copied().map(UserId::get).collect(),
            others: *retailers == RetailerLock::Exclusive,
            within: self.covered_reps(tenant, targets).await?,
        };
        let rows: Vec<(i64, String, bool, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let locked = rows.into_iter().map(locked_rep).collect();
        let locked = self.keep_covered(tenant, targets, locked).await?;
        self.restrict_to_scope(tenant, targets, batch, *with_unserved).await?;
        Ok(locked)
    }

    async fn compute_steps(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        allocation: &AllocationRequest,
    ) -> Result<Vec<String>, StorageFailure> {
        let (tenant, batch) = (tenant.get(), batch.get());
        let (not_found,): (Vec<String>,) = match allocation {
            AllocationRequest::Assign { reps, if_assigned, from, within } => {
                let (names, reps) = columns(reps);
                let statement = AssignSteps {
                    tenant,
                    batch,
                    names,
                    reps,
                    if_assigned: if_assigned.as_str(),
                    from: from.map(UserId::get),
                    limit: MAX_UIDS,
                    within: within.as_ref().map(|reps| reps.iter().map(|rep| rep.get()).collect()),
                };
                self.query(async |connection| statement.get_result(connection).await).await
            }
            AllocationRequest::Transfer { reps } => {
                let (names, reps) = columns(reps);
                let statement = TransferSteps { tenant, batch, names, reps, limit: MAX_UIDS };
                self.query(async |connection| statement.get_result(connection).await).await
            }
            AllocationRequest::Unassign { reps } => {
                let (names, reps) = columns(reps);
                let statement = UnassignSteps { tenant, batch, names, reps, limit: MAX_UIDS };
                self.query(async |connection| statement.get_result(connection).await).await
            }
            AllocationRequest::Undo(undone) => {
                let statement = UndoSteps { tenant, batch, undone: undone.get() };
                self.query(async |connection| statement.get_result(connection).await).await
            }
        }?;
        Ok(not_found)
    }

    async fn assigned_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<RepAssignedCounts>, StorageFailure> {
        let statement = SelectAssignedCounts { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(i64, i64, i64, i64, i64, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let count = |(rep, before, starts, ends, sure_ends, capacity)| RepAssignedCounts {
            rep: UserId::new(rep),
            before,
            starts,
            ends,
            sure_ends,
            capacity,
        };
        Ok(rows.into_iter().map(count).collect())
    }

    async fn transfer_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<TransferCount>, StorageFailure> {
        let statement = SelectTransferCounts { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(i64, i64, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let transfer =
            |(from, to, retailers)| TransferCount { from: UserId::new(from), to: UserId::new(to), retailers };
        Ok(rows.into_iter().map(transfer).collect())
    }

    async fn refuse(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
    ) -> Result<(), StorageFailure> {
        let reps = reps.iter().copied().map(UserId::get).collect();
        let statement = Refuse { tenant: tenant.get(), batch: batch.get(), reps };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn totals(&mut self, tenant: TenantId, batch: BatchId) -> Result<Totals, StorageFailure> {
        let statement = SelectTotals { tenant: tenant.get(), batch: batch.get(), limit: MAX_UIDS };
        let (counts, unserved, cross_territory, not_assigned, changed): TotalsRow =
            self.query(async |connection| statement.get_result(connection).await).await?;
        let (assigned, already_assigned, moved, skipped, unassigned) = counts;
        let sample = |(count, uids)| UidSample { count, uids };
        Ok(Totals {
            assigned,
            already_assigned,
            moved,
            skipped,
            unassigned,
            unserved: sample(unserved),
            cross_territory: sample(cross_territory),
            not_assigned: sample(not_assigned),
            changed: sample(changed),
        })
    }

    async fn drop_rows_of(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        names: &[String],
    ) -> Result<i64, StorageFailure> {
        let statement = DropRows { tenant: tenant.get(), batch: batch.get(), names: names.to_vec() };
        let (rows,): (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(rows)
    }

    async fn note_row_errors(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        job: JobId,
        faults: &RowFaults,
    ) -> Result<FailedRows, StorageFailure> {
        let (names, reps) = columns(&faults.reps);
        let statement = RowErrors {
            tenant: tenant.get(),
            batch: batch.get(),
            job: job.get(),
            unknown: faults.unknown.clone(),
            disabled: faults.disabled.clone(),
            names,
            reps,
            field: faults.field,
        };
        let (rows, assignments): (i64, i64) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(FailedRows { rows, assignments })
    }

    async fn save_plan(&mut self, record: &BatchRecord) -> Result<(), StorageFailure> {
        let AssignedCountColumns { reps, before, after, capacities } =
            AssignedCountColumns::of(&record.assigned_counts);
        let statement = SavePlan {
            tenant: record.tenant.get(),
            batch: record.batch.get(),
            actor: record.actor.0.get(),
            at: record.at,
            kind: record.kind.as_str(),
            reason: record.reason.clone(),
            options: options(record),
            counts: counts(&record.result),
            details: details(&record.result),
            reps,
            before,
            after,
            capacities,
        };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn apply(&mut self, record: &BatchRecord) -> Result<Applied, StorageFailure> {
        let AssignedCountColumns { reps, before, after, capacities } =
            AssignedCountColumns::of(&record.assigned_counts);
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
            counts: counts(&record.result),
            details: details(&record.result),
            end_reason: record.kind.end_reason(),
            undoes: record.undoes.map(BatchId::get),
            reps,
            before,
            after,
            capacities,
            only_ends: record.kind == BatchKind::Assign && record.result.totals.unassigned > 0,
        };
        let (started, ended, to_start, to_end, _mode): (i64, i64, i64, i64, String) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(Applied { computed: (to_start, to_end), applied: (started, ended) })
    }

    async fn clear(&mut self, tenant: TenantId, batch: BatchId) -> Result<(), StorageFailure> {
        let statement = Clear { tenant: tenant.get(), batch: batch.get() };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn verify_plan(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        plan: BatchId,
    ) -> Result<(i64, Vec<PlanConflict>), StorageFailure> {
        let statement = covered!((tenant, targets) => VerifyPlan { plan: plan.get() });
        let rows: Vec<(String, String, String, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let count = rows.as_slice().first().map_or(0, |row| row.3);
        let conflict = |(kind, name, what, _)| PlanConflict { kind, name, what };
        Ok((count, rows.into_iter().map(conflict).collect()))
    }

    async fn lock_batch(
        &mut self,
        tenant: TenantId,
        BatchScope { caller, targets }: &BatchScope,
        batch: BatchId,
    ) -> Result<Option<(Batch, bool)>, StorageFailure> {
        let statement = covered!((tenant, targets) => LockBatch { caller: caller.get(), batch: batch.get() });
        let row: Option<(BatchRow, bool)> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        row.map(|(batch, in_scope)| Ok((batch.try_into()?, in_scope))).transpose()
    }

    async fn stored_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<AssignedCounts>, StorageFailure> {
        let statement = BatchCounts { tenant: tenant.get(), batch: batch.get() };
        let rows: Vec<(i64, String, i64, i64, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        Ok(rows.into_iter().map(stored_counts).collect())
    }

    async fn reps(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        reps: &[RepSelector],
    ) -> Result<Vec<Option<(LockedRep, i64)>>, StorageFailure> {
        let names: Vec<String> = reps.iter().map(RepSelector::to_string).collect();
        let statement = covered!((tenant, targets) => Reps { names: names.clone() });
        let rows: Vec<(String, i64, String, bool, i64, i64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let found: HashMap<String, (LockedRep, i64)> = rows
            .into_iter()
            .map(|(name, id, username, active, capacity, assigned_count)| {
                (name, (locked_rep((id, username, active, capacity)), assigned_count))
            })
            .collect();
        Ok(names.iter().map(|name| found.get(name).cloned()).collect())
    }

    async fn retailers_of(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
    ) -> Result<Vec<RetailerUid>, StorageFailure> {
        let statement = covered!((tenant, targets) => RetailersOf { rep: rep.get() });
        let uids: Vec<(String,)> = self.query(async |connection| statement.load(connection).await).await?;
        let parse = |(uid,): (String,)| {
            RetailerUid::parse(&uid).map_err(|error| inconsistent("retailers", "uid", error))
        };
        uids.into_iter().map(parse).collect()
    }
}

/// Splits sales reps into a list of names and a list of ids.
fn columns(reps: &[(String, UserId)]) -> (Vec<String>, Vec<i64>) {
    reps.iter().map(|(name, id)| (name.clone(), id.get())).unzip()
}

fn locked_rep((id, username, active, capacity): (i64, String, bool, i64)) -> LockedRep {
    LockedRep { id: UserId::new(id), username, active, capacity }
}

#[async_trait]
impl BeginTransaction<dyn AssignmentTx> for PgDatabase {
    /// Plans every statement anew, for the present number of rows. A plan made on this connection when one row was
    /// staged would compare all pairs of ten thousand rows.
    async fn begin(&self) -> Result<Box<dyn AssignmentTx>, StorageFailure> {
        let mut tx = self.open().await?;
        let custom_plan = "SET LOCAL plan_cache_mode = force_custom_plan";
        tx.query(async |connection| connection.batch_execute(custom_plan).await).await?;
        Ok(tx)
    }
}

impl AssignmentTx for PgTx {
    fn assignments(&mut self) -> &mut dyn AssignmentWriter {
        self
    }
}
