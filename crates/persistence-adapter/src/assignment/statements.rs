//! The statements of the writer, one SQL file each.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Json, Jsonb, Nullable, Text, Timestamptz};
use serde_json::Value;

use super::scope::{COVERED, VISIBLE_BATCHES, covered};
use crate::shared::statement;

covered! {
    /// Replaces staged uids by the stored spelling of covered retailers.
    SettleUids = "settle_uids.sql" -> (BigInt,) { batch: i64 as BigInt }
}

statement! {
    /// Allocates the id of a new batch.
    NewBatch = "new_batch.sql" -> (BigInt,) { tenant: i64 as BigInt }
}

statement! {
    /// Stages requested assignments.
    StageRows = "stage_rows.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        rows: Vec<i64> as Array<BigInt>,
        reps: Vec<String> as Array<Text>,
        uids: Vec<String> as Array<Text>,
    }
}

statement! {
    /// Stages the pairs that a batch changed.
    StageBatch = "stage_batch.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

statement! {
    /// Stages the pairs of a plan.
    StageSteps = "stage_steps.sql" -> (BigInt,) { tenant: i64 as BigInt, plan: i64 as BigInt }
}

statement! {
    /// Counts the staged rows.
    CountStaged = "staged.sql" -> (BigInt,) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

statement! {
    /// Resolves the sales reps named in the staged rows.
    NamedReps = "named_reps.sql" -> (Text, BigInt, Nullable<BigInt>, Bool) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

statement! {
    /// Locks retailers.
    LockRetailers = "lock_retailers.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        lock: &'static str as Text,
    }
}

statement! {
    /// Locks sales reps.
    LockReps = "lock_reps.sql" -> (BigInt, Text, Bool, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        reps: Vec<i64> as Array<BigInt>,
        others: bool as Bool,
        within: Option<Vec<i64>> as Nullable<Array<BigInt>>,
    }
}

statement! {
    /// Computes the steps of an assignment.
    AssignSteps = "steps_assign.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        if_assigned: &'static str as Text,
        from: Option<i64> as Nullable<BigInt>,
        limit: i64 as BigInt,
        within: Option<Vec<i64>> as Nullable<Array<BigInt>>,
    }
}

statement! {
    /// Computes the steps of transfers.
    TransferSteps = "steps_transfer.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Deletes the other assignments of rows that name some sales reps.
    DropRows = "drop_rows.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
    }
}

statement! {
    /// Computes the steps of an unassignment.
    UnassignSteps = "steps_unassign.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Computes the steps that undo a batch.
    UndoSteps = "steps_undo.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

statement! {
    /// Counts the effect of the steps on each sales rep.
    SelectAssignedCounts = "assigned_counts.sql" -> (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

statement! {
    /// Counts the retailers that would move between sales reps.
    SelectTransferCounts = "transfer_counts.sql" -> (BigInt, BigInt, BigInt) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

statement! {
    /// Refuses the steps that would assign retailers to given sales reps.
    Refuse = "refuse.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        reps: Vec<i64> as Array<BigInt>,
    }
}

/// Five counts, then four lists, each with its count.
pub(super) type TotalsColumns = (
    (BigInt, BigInt, BigInt, BigInt, BigInt),
    (BigInt, Array<Text>),
    (BigInt, Array<Text>),
    (BigInt, Array<Text>),
    (BigInt, Array<Text>),
);

statement! {
    /// Totals the steps.
    SelectTotals = "totals.sql" -> TotalsColumns {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Stores the errors of rows that will not be applied.
    RowErrors = "row_errors.sql" -> (BigInt, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        job: i64 as BigInt,
        unknown: Vec<String> as Array<Text>,
        disabled: Vec<String> as Array<Text>,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        field: &'static str as Text,
    }
}

statement! {
    /// Saves the steps as a plan.
    SavePlan = "save_plan.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        actor: i64 as BigInt,
        at: DateTime<Utc> as Timestamptz,
        kind: &'static str as Text,
        reason: Option<String> as Nullable<Text>,
        options: Value as Jsonb,
        counts: Value as Jsonb,
        reps: Vec<i64> as Array<BigInt>,
        before: Vec<i64> as Array<BigInt>,
        after: Vec<i64> as Array<BigInt>,
        capacities: Vec<i64> as Array<BigInt>,
        details: Value as Json,
    }
}

statement! {
    /// Applies the steps.
    Apply = "apply.sql" -> (BigInt, BigInt, BigInt, BigInt, Text) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        actor: i64 as BigInt,
        role: &'static str as Text,
        at: DateTime<Utc> as Timestamptz,
        request_id: String as Text,
        kind: &'static str as Text,
        reason: Option<String> as Nullable<Text>,
        options: Value as Jsonb,
        counts: Value as Jsonb,
        end_reason: &'static str as Text,
        undoes: Option<i64> as Nullable<BigInt>,
        reps: Vec<i64> as Array<BigInt>,
        before: Vec<i64> as Array<BigInt>,
        after: Vec<i64> as Array<BigInt>,
        capacities: Vec<i64> as Array<BigInt>,
        details: Value as Json,
        only_ends: bool as Bool,
    }
}

statement! {
    /// Deletes staged rows and steps.
    Clear = "clear.sql" -> (BigInt,) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

covered! {
    /// Finds conflicts between a plan and the present data.
    VerifyPlan = "verify_plan.sql" -> (Text, Text, Text, BigInt) { plan: i64 as BigInt }
}

covered! {
    /// Reads and locks a batch.
    LockBatch = VISIBLE_BATCHES + "lock_batch.sql" -> (super::rows::BatchColumns, Bool) {
        caller: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

covered! {
    /// Reads sales reps by name.
    Reps = "reps.sql" -> (Text, BigInt, Text, Bool, BigInt, BigInt) { names: Vec<String> as Array<Text> }
}

covered! {
    /// Lists a sales rep's retailers.
    RetailersOf = "retailers_of.sql" -> (Text,) { rep: i64 as BigInt }
}
