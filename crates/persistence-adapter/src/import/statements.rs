//! The statements of the writer, one SQL file each.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};

use crate::shared::statement;

statement! {
    /// Checks staged rows against the pool and each other, and counts their effect.
    Check = "check.sql" -> (BigInt, BigInt, BigInt, BigInt, Text) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        mode: &'static str as Text,
        restore: bool as Bool,
        duplicates: &'static str as Text,
        name: bool as Bool,
        phone: bool as Bool,
        territory: bool as Bool,
        distributor: bool as Bool,
        points: bool as Bool,
        routes: bool as Bool,
        notes: bool as Bool,
        total: i64 as BigInt,
    }
}

statement! {
    /// Replaces uids of a chunk by the stored spelling of retailers created since the check.
    SettleUids = "settle_uids.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        after: i64 as BigInt,
        to: i64 as BigInt,
    }
}

statement! {
    /// Reads the first rows that would be written.
    Sample = "sample.sql" -> (BigInt, Text, Bool, Array<Text>) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        limit: i64 as BigInt,
        name: bool as Bool,
        phone: bool as Bool,
        territory: bool as Bool,
        distributor: bool as Bool,
        points: bool as Bool,
        routes: bool as Bool,
        notes: bool as Bool,
    }
}

statement! {
    /// Lists places that the file names and the sales map did not have, and counts those of each kind.
    NewPlaceRows = "new_places.sql" -> (Text, Nullable<Text>, Nullable<Text>, Text, BigInt) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        limit: i64 as BigInt,
        created: bool as Bool,
    }
}

statement! {
    /// Stores the errors by column, code and value.
    StoreErrorGroups = "store_error_groups.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Stores the warnings about the rows of an import.
    StoreWarnings = "warnings.sql" -> (BigInt,) { tenant: i64 as BigInt, import: i64 as BigInt }
}

statement! {
    /// Lists rows with errors.
    FailedRows = "failed_rows.sql" -> (BigInt, Array<Text>, Array<Text>, Array<Text>) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        after: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Applies a chunk.
    ApplyChunk = "apply.sql" -> (BigInt, BigInt, BigInt, BigInt, Array<Text>, Text) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        batch: i64 as BigInt,
        after: i64 as BigInt,
        to: i64 as BigInt,
        actor: Option<i64> as Nullable<BigInt>,
        role: Option<&'static str> as Nullable<Text>,
        request_id: String as Text,
        at: DateTime<Utc> as Timestamptz,
        mode: &'static str as Text,
        restore: bool as Bool,
        name: bool as Bool,
        phone: bool as Bool,
        territory: bool as Bool,
        distributor: bool as Bool,
        points: bool as Bool,
        routes: bool as Bool,
        notes: bool as Bool,
    }
}

statement! {
    /// Locks the next retailers to undo.
    LockUndone = "lock_undone.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        after: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Undoes the changes of the next retailers.
    UndoChunk = "undo.sql" -> (BigInt, Nullable<BigInt>, BigInt, BigInt, Text) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        batch: i64 as BigInt,
        after: i64 as BigInt,
        limit: i64 as BigInt,
        actor: Option<i64> as Nullable<BigInt>,
        role: Option<&'static str> as Nullable<Text>,
        request_id: String as Text,
        at: DateTime<Utc> as Timestamptz,
    }
}

statement! {
    /// Waits for other undos that are being started.
    HoldUndos = "hold_undos.sql" -> (Bool,) { tenant: i64 as BigInt }
}

statement! {
    /// Counts the effect of an undo.
    UndoPreview = "undo_preview.sql" -> (BigInt, BigInt, BigInt, Array<Text>) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Lists retailers that an undo left as they were.
    LeftByUndo = "unchanged_by_undo.sql" -> (Text,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Counts retailers whose undo produced a wrong result.
    UndoVerified = "undo_verified.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

/// Defines a statement that creates the missing places of one kind.
macro_rules! create_statement {
    ($(#[$meta:meta])* $name:ident = $file:literal) => {
        statement! {
            $(#[$meta])*
            $name = $file -> (BigInt,) {
                tenant: i64 as BigInt,
                import: i64 as BigInt,
                batch: i64 as BigInt,
                actor: Option<i64> as Nullable<BigInt>,
                role: Option<&'static str> as Nullable<Text>,
                request_id: String as Text,
                at: DateTime<Utc> as Timestamptz,
            }
        }
    };
}
create_statement!(
    /// Creates regions.
    CreateRegions = "create_regions.sql"
);
create_statement!(
    /// Creates areas.
    CreateAreas = "create_areas.sql"
);
create_statement!(
    /// Creates territories.
    CreateTerritories = "create_territories.sql"
);
create_statement!(
    /// Creates distributors.
    CreateDistributors = "create_distributors.sql"
);
