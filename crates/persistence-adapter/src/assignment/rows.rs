use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Json, Jsonb, Nullable, Text, Timestamptz};
use haat_domain::assignment::{
    AssignedCounts, Batch, BatchKind, BatchRecord, BatchResult, BatchState, IfAssigned, OverCapacity, Totals,
    UidSample,
};
use haat_domain::shared::{BatchId, StorageFailure, UserId};
use serde_json::{Value, json};

use crate::shared::{inconsistent, statement};

/// The columns of a [`BatchRow`].
pub(super) type BatchColumns = (
    BigInt,
    Text,
    Text,
    (Nullable<BigInt>, Nullable<Text>),
    Nullable<Text>,
    Jsonb,
    Jsonb,
    Nullable<Json>,
    Timestamptz,
    Nullable<Timestamptz>,
    Nullable<BigInt>,
    Nullable<BigInt>,
);

/// A batch.
#[derive(diesel::Queryable)]
pub(super) struct BatchRow {
    id: i64,
    kind: String,
    state: String,
    actor: (Option<i64>, Option<String>),
    reason: Option<String>,
    options: Value,
    counts: Value,
    details: Option<Value>,
    created_at: DateTime<Utc>,
    applied_at: Option<DateTime<Utc>>,
    undoes: Option<i64>,
    undone_by: Option<i64>,
}

impl TryFrom<BatchRow> for Batch {
    type Error = StorageFailure;

    fn try_from(row: BatchRow) -> Result<Self, StorageFailure> {
        let text = |name: &str| row.options.get(name).and_then(Value::as_str).unwrap_or_default();
        Ok(Self {
            id: BatchId::new(row.id),
            kind: BatchKind::from_name(&row.kind)
                .ok_or_else(|| inconsistent("batches", "kind", "not a kind of batch"))?,
            state: BatchState::from_name(&row.state)
                .ok_or_else(|| inconsistent("batches", "state", "not a state"))?,
            actor: row.actor.0.map(|id| (UserId::new(id), row.actor.1.unwrap_or_default())),
            if_assigned: IfAssigned::from_name(text("ifAssigned")).unwrap_or_default(),
            force: row.options.get("force").and_then(Value::as_bool).unwrap_or_default(),
            result: stored_result(&row.counts, row.details.as_ref()),
            reason: row.reason,
            created_at: row.created_at,
            applied_at: row.applied_at,
            undoes: row.undoes.map(BatchId::new),
            undone_by: row.undone_by.map(BatchId::new),
        })
    }
}

/// The options of a batch, as stored.
pub(super) fn options(record: &BatchRecord) -> Value {
    json!({"ifAssigned": record.if_assigned.as_str(), "force": record.force})
}

/// The counts of a batch, as stored.
pub(super) fn counts(result: &BatchResult) -> Value {
    let totals = &result.totals;
    json!({
        "assigned": totals.assigned,
        "alreadyAssigned": totals.already_assigned,
        "moved": totals.moved,
        "skipped": totals.skipped,
        "unassigned": totals.unassigned,
        "unserved": totals.unserved.count,
        "crossTerritory": totals.cross_territory.count,
        "notAssigned": totals.not_assigned.count,
        "changed": totals.changed.count,
        "notFound": result.not_found.count,
        "refused": result.refused,
        "unplaced": result.unplaced,
        "notServed": result.not_served,
        "failedRows": result.failed_rows,
    })
}

/// The lists of a batch, as stored. Lists of batches do not read them.
pub(super) fn details(result: &BatchResult) -> Value {
    let totals = &result.totals;
    let over_capacity: Vec<Value> = result
        .over_capacity
        .iter()
        .map(|over| json!({"rep": over.rep, "count": over.count, "limit": over.limit, "refused": over.refused}))
        .collect();
    json!({
        "unserved": totals.unserved.uids,
        "crossTerritory": totals.cross_territory.uids,
        "notAssigned": totals.not_assigned.uids,
        "changed": totals.changed.uids,
        "notFound": result.not_found.uids,
        "invalid": result.invalid,
        "overCapacity": over_capacity,
    })
}

/// Returns the result of a batch from its stored counts and lists.
fn stored_result(counts: &Value, details: Option<&Value>) -> BatchResult {
    let list = |name: &str| details.and_then(|details| details.get(name)?.as_array()).into_iter().flatten();
    let uids = |name: &str| list(name).filter_map(|uid| Some(uid.as_str()?.to_owned())).collect();
    let count = |name: &str| number(counts, name);
    let sample = |name: &str| UidSample { count: count(name), uids: uids(name) };
    let over_capacity = |over: &Value| OverCapacity {
        rep: over.get("rep").and_then(Value::as_str).unwrap_or_default().to_owned(),
        count: number(over, "count"),
        limit: number(over, "limit"),
        refused: number(over, "refused"),
    };
    BatchResult {
        totals: Totals {
            assigned: count("assigned"),
            already_assigned: count("alreadyAssigned"),
            moved: count("moved"),
            skipped: count("skipped"),
            unassigned: count("unassigned"),
            unserved: sample("unserved"),
            cross_territory: sample("crossTerritory"),
            not_assigned: sample("notAssigned"),
            changed: sample("changed"),
        },
        not_found: sample("notFound"),
        invalid: uids("invalid"),
        over_capacity: list("overCapacity").map(over_capacity).collect(),
        refused: count("refused"),
        unplaced: count("unplaced"),
        not_served: count("notServed"),
        failed_rows: count("failedRows"),
    }
}

/// Returns a stored number, 0 if it is absent.
fn number(of: &Value, name: &str) -> i64 {
    of.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// Assigned counts, one list per column.
pub(super) struct AssignedCountColumns {
    pub(super) reps: Vec<i64>,
    pub(super) before: Vec<i64>,
    pub(super) after: Vec<i64>,
    pub(super) capacities: Vec<i64>,
}

impl AssignedCountColumns {
    pub(super) fn of(assigned_counts: &[AssignedCounts]) -> Self {
        Self {
            reps: assigned_counts.iter().map(|count| count.rep.get()).collect(),
            before: assigned_counts.iter().map(|count| count.before).collect(),
            after: assigned_counts.iter().map(|count| count.after).collect(),
            capacities: assigned_counts.iter().map(|count| count.capacity).collect(),
        }
    }
}

statement! {
    /// Reads the assigned counts of a batch.
    BatchCounts = "batch_counts.sql" -> (BigInt, Text, BigInt, BigInt, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

/// The assigned counts of one sales rep, as stored with a batch.
pub(super) fn stored_counts(
    (rep, username, before, after, capacity): (i64, String, i64, i64, i64),
) -> AssignedCounts {
    AssignedCounts { rep: UserId::new(rep), username, before, after, capacity }
}
