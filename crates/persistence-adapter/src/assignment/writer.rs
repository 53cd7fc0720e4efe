use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::assignment::{
    Assigned, AssignmentChange, AssignmentTx, AssignmentWriter, FoundRep, OverCapacity, RepRef, Unassigned,
};
use haat_domain::shared::{BatchId, Begin, StorageFailure, TenantId, UserId};

use crate::PgDatabase;
use crate::shared::{PgTx, statement};

statement! {
    /// Finds and locks representatives.
    LockReps = "lock_reps.sql" -> (BigInt, Text, Bool, BigInt) {
        tenant: i64 as BigInt,
        ids: Vec<i64> as Array<BigInt>,
        usernames: Vec<String> as Array<Text>,
    }
}

statement! {
    /// Assigns whole groups, with their batch, audit entry and lines of the change feed.
    Assign = "assign.sql" -> (Nullable<BigInt>, BigInt, BigInt, Array<Text>, Array<BigInt>, Array<BigInt>, Array<BigInt>, Array<BigInt>) {
        tenant: i64 as BigInt,
        actor: i64 as BigInt,
        role: &'static str as Text,
        at: DateTime<Utc> as Timestamptz,
        request_id: String as Text,
        reason: Option<String> as Nullable<Text>,
        force: bool as Bool,
        pair_reps: Vec<i64> as Array<BigInt>,
        pair_uids: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        limits: Vec<i64> as Array<BigInt>,
    }
}

statement! {
    /// Ends assignments, with their history, batch, audit entry and lines of the change feed.
    Unassign = "unassign.sql" -> (Nullable<BigInt>, BigInt, Array<Text>, Array<Text>) {
        tenant: i64 as BigInt,
        actor: i64 as BigInt,
        role: &'static str as Text,
        at: DateTime<Utc> as Timestamptz,
        request_id: String as Text,
        reason: Option<String> as Nullable<Text>,
        pair_reps: Vec<i64> as Array<BigInt>,
        pair_uids: Vec<String> as Array<Text>,
    }
}

/// Batch, assigned, already assigned, not found, and of those over capacity who, how many, of how many, and how many were refused.
type AssignRow = (Option<i64>, i64, i64, Vec<String>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>);

/// Batch, unassigned, not assigned, not found.
type UnassignRow = (Option<i64>, i64, Vec<String>, Vec<String>);

/// The groups as pairs of representative and uid.
fn pairs(change: &AssignmentChange) -> (Vec<i64>, Vec<String>) {
    let pairs = change
        .groups
        .iter()
        .flat_map(|group| group.retailers.iter().map(|uid| (group.rep.id.get(), uid.as_str().to_owned())));
    pairs.unzip()
}

#[async_trait]
impl AssignmentWriter for PgTx {
    async fn lock_reps(
        &mut self,
        tenant: TenantId,
        reps: &[RepRef],
    ) -> Result<Vec<Option<FoundRep>>, StorageFailure> {
        let (mut ids, mut usernames) = (Vec::new(), Vec::new());
        for rep in reps {
            match rep {
                RepRef::Id(id) => ids.push(*id),
                RepRef::Username(name) => usernames.push(name.as_str().to_owned()),
            }
        }
        let statement = LockReps { tenant: tenant.get(), ids, usernames };
        let rows: Vec<(i64, String, bool, i64)> =
            self.ask(async |connection| statement.load(connection).await).await?;
        let found: Vec<(FoundRep, String)> = rows
            .into_iter()
            .map(|(id, name, active, capacity)| (FoundRep { id: UserId::new(id), active, capacity }, name))
            .collect();
        let by_id: std::collections::HashMap<i64, FoundRep> =
            found.iter().map(|(rep, _)| (rep.id.get(), *rep)).collect();
        let by_name: std::collections::HashMap<&str, FoundRep> =
            found.iter().map(|(rep, name)| (name.as_str(), *rep)).collect();
        let one = |rep: &RepRef| match rep {
            RepRef::Id(id) => by_id.get(id).copied(),
            RepRef::Username(name) => by_name.get(name.as_str()).copied(),
        };
        Ok(reps.iter().map(one).collect())
    }

    async fn assign(&mut self, change: &AssignmentChange) -> Result<Assigned, StorageFailure> {
        let (pair_reps, pair_uids) = pairs(change);
        let statement = Assign {
            tenant: change.tenant.get(),
            actor: change.actor.0.get(),
            role: change.actor.1.as_str(),
            at: change.at,
            request_id: change.request_id.clone(),
            reason: change.reason.clone(),
            force: change.force,
            pair_reps,
            pair_uids,
            reps: change.groups.iter().map(|group| group.rep.id.get()).collect(),
            limits: change.groups.iter().map(|group| group.rep.capacity).collect(),
        };
        let (batch, assigned, already_assigned, not_found, over, counts, limits, refused): AssignRow =
            self.ask(async |connection| statement.get_result(connection).await).await?;
        let over_capacity = over.into_iter().zip(counts).zip(limits).zip(refused).filter_map(
            |(((id, count), limit), refused)| {
                let group = change.groups.iter().find(|group| group.rep.id.get() == id)?;
                Some(OverCapacity { rep: group.given.clone(), count, limit, refused })
            },
        );
        let over_capacity = over_capacity.collect();
        let batch = batch.map(BatchId::new);
        Ok(Assigned { batch, assigned, already_assigned, not_found, over_capacity })
    }

    async fn unassign(&mut self, change: &AssignmentChange) -> Result<Unassigned, StorageFailure> {
        let (pair_reps, pair_uids) = pairs(change);
        let statement = Unassign {
            tenant: change.tenant.get(),
            actor: change.actor.0.get(),
            role: change.actor.1.as_str(),
            at: change.at,
            request_id: change.request_id.clone(),
            reason: change.reason.clone(),
            pair_reps,
            pair_uids,
        };
        let (batch, unassigned, not_assigned, not_found): UnassignRow =
            self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok(Unassigned { batch: batch.map(BatchId::new), unassigned, not_assigned, not_found })
    }
}

#[async_trait]
impl Begin<dyn AssignmentTx> for PgDatabase {
    async fn begin(&self) -> Result<Box<dyn AssignmentTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}

impl AssignmentTx for PgTx {
    fn assignments(&mut self) -> &mut dyn AssignmentWriter {
        self
    }
}
