use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};
use haat_domain::assignment::{
    AssignedCounts, Batch, BatchKind, BatchRecord, BatchState, IfAssigned, Totals, UidSample,
};
use haat_domain::shared::{BatchId, StorageFailure, UserId};
use serde_json::{Value, json};

use crate::shared::inconsistent;

/// The columns of a [`BatchRow`].
pub(super) type BatchColumns = (
    BigInt,
    Text,
    Text,
    (Nullable<BigInt>, Nullable<Text>),
    Nullable<Text>,
    Jsonb,
    Jsonb,
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
    created_at: DateTime<Utc>,
    applied_at: Option<DateTime<Utc>>,
    undoes: Option<i64>,
    undone_by: Option<i64>,
}

impl TryFrom<BatchRow> for Batch {
    type Error = StorageFailure;

    fn try_from(row: BatchRow) -> Result<Self, StorageFailure> {
        let text = |name: &str| row.options.get(name).and_then(Value::as_str).unwrap_or_default();
        let count = |name: &str| row.counts.get(name).and_then(Value::as_i64).unwrap_or_default();
        let sample = |name: &str| UidSample { count: count(name), uids: Vec::new() };
        Ok(Self {
            id: BatchId::new(row.id),
            kind: BatchKind::from_name(&row.kind)
                .ok_or_else(|| inconsistent("batches", "kind", "not a kind of batch"))?,
            state: BatchState::from_name(&row.state)
                .ok_or_else(|| inconsistent("batches", "state", "not a state"))?,
            actor: row.actor.0.map(|id| (UserId::new(id), row.actor.1.unwrap_or_default())),
            if_assigned: IfAssigned::from_name(text("ifAssigned")).unwrap_or_default(),
            force: row.options.get("force").and_then(Value::as_bool).unwrap_or_default(),
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
pub(super) fn counts(totals: &Totals) -> Value {
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
    })
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
