//! The statements behind the writer, a file of SQL each.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use serde_json::Value;

use crate::shared::statement;

statement! {
    /// The id of a batch to be.
    NewBatch = "new_batch.sql" -> (BigInt,) { tenant: i64 as BigInt }
}

statement! {
    /// Stages wishes.
    StageRows = "stage_rows.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        rows: Vec<i64> as Array<BigInt>,
        reps: Vec<String> as Array<Text>,
        uids: Vec<String> as Array<Text>,
    }
}

statement! {
    /// Stages what a batch did.
    StageBatch = "stage_batch.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

statement! {
    /// Stages what a plan would do.
    StageSteps = "stage_steps.sql" -> (BigInt,) { tenant: i64 as BigInt, plan: i64 as BigInt }
}

statement! {
    /// How many wishes are staged.
    Staged = "staged.sql" -> (BigInt,) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

statement! {
    /// Who is named in the staged wishes.
    NamedReps = "named_reps.sql" -> (Text, BigInt, Nullable<BigInt>, Bool) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

statement! {
    /// Locks shops.
    LockShops = "lock_shops.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        how: &'static str as Text,
    }
}

statement! {
    /// Locks representatives.
    LockReps = "lock_reps.sql" -> (BigInt, Text, Bool, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        reps: Vec<i64> as Array<BigInt>,
        others: bool as Bool,
    }
}

statement! {
    /// Draws beginnings.
    DrawAssign = "draw_assign.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        if_assigned: &'static str as Text,
        from: Option<i64> as Nullable<BigInt>,
        most: i64 as BigInt,
    }
}

statement! {
    /// Draws ends.
    DrawUnassign = "draw_unassign.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
        most: i64 as BigInt,
    }
}

statement! {
    /// Draws the reverse of a batch.
    DrawUndo = "draw_undo.sql" -> (Array<Text>,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

statement! {
    /// What the steps mean to each representative.
    Loads = "loads.sql" -> (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

statement! {
    /// From whom to whom shops would go.
    Flows = "flows.sql" -> (BigInt, BigInt, BigInt) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

statement! {
    /// Takes beginnings out of the steps.
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
    /// What the steps would do.
    SumUp = "sum_up.sql" -> TotalsColumns {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        most: i64 as BigInt,
    }
}

statement! {
    /// Notes rows that will not be done.
    RowErrors = "row_errors.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        job: i64 as BigInt,
        unknown: Vec<String> as Array<Text>,
        disabled: Vec<String> as Array<Text>,
        names: Vec<String> as Array<Text>,
        reps: Vec<i64> as Array<BigInt>,
    }
}

statement! {
    /// Keeps the steps as a plan.
    KeepPlan = "keep_plan.sql" -> (BigInt,) {
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
    }
}

statement! {
    /// Does what the steps say.
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
    }
}

statement! {
    /// Forgets wishes and steps.
    Clear = "clear.sql" -> (BigInt,) { tenant: i64 as BigInt, batch: i64 as BigInt }
}

statement! {
    /// Where the world is not what a plan saw.
    VerifyPlan = "verify_plan.sql" -> (Text, Text, Text, BigInt) {
        tenant: i64 as BigInt,
        plan: i64 as BigInt,
    }
}

statement! {
    /// A batch, locked.
    LockBatch = "lock_batch.sql" -> super::rows::BatchColumns {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
    }
}

statement! {
    /// Representatives by name.
    Reps = "reps.sql" -> (Text, BigInt, Text, Bool, BigInt, BigInt) {
        tenant: i64 as BigInt,
        names: Vec<String> as Array<Text>,
    }
}

statement! {
    /// A representative's shops.
    ShopsOf = "shops_of.sql" -> (Text,) { tenant: i64 as BigInt, rep: i64 as BigInt }
}
