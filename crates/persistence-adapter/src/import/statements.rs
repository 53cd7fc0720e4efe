//! The statements behind the writer, a file of SQL each.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};

use crate::shared::statement;

statement! {
    /// What would become of staged rows, and what is wrong with them beside the pool and each other.
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
    /// The first rows that would be written.
    Sample = "sample.sql" -> (BigInt, Text, Bool, Array<Text>) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        most: i64 as BigInt,
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
    /// Places that the file names and the map did not have, and how many there are.
    NewPlaceRows = "new_places.sql" -> (Text, Nullable<Text>, Nullable<Text>, Text, BigInt) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        most: i64 as BigInt,
        made: bool as Bool,
    }
}

statement! {
    /// Rows with errors.
    FailedRows = "failed_rows.sql" -> (BigInt, Array<Text>, Array<Text>, Array<Text>) {
        tenant: i64 as BigInt,
        import: i64 as BigInt,
        after: i64 as BigInt,
        most: i64 as BigInt,
    }
}

statement! {
    /// Writes a chunk.
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
    /// Locks the shops of which something is taken back next.
    LockUndone = "lock_undone.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        after: i64 as BigInt,
        most: i64 as BigInt,
    }
}

statement! {
    /// Takes back what was done to some more shops.
    UndoChunk = "undo.sql" -> (BigInt, Nullable<BigInt>, BigInt, BigInt, Text) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        batch: i64 as BigInt,
        after: i64 as BigInt,
        most: i64 as BigInt,
        actor: Option<i64> as Nullable<BigInt>,
        role: Option<&'static str> as Nullable<Text>,
        request_id: String as Text,
        at: DateTime<Utc> as Timestamptz,
    }
}

statement! {
    /// Waits for whoever begins an undo.
    HoldUndos = "hold_undos.sql" -> (Bool,) { tenant: i64 as BigInt }
}

statement! {
    /// What taking it back would do.
    UndoPreview = "undo_preview.sql" -> (BigInt, BigInt, BigInt, Array<Text>) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        most: i64 as BigInt,
    }
}

statement! {
    /// Shops that an undo has left.
    LeftByUndo = "left_by_undo.sql" -> (Text,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
        most: i64 as BigInt,
    }
}

statement! {
    /// Shops that are not what they were.
    UndoVerified = "undo_verified.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        undone: i64 as BigInt,
    }
}

/// A statement that creates the places of one kind which a file names.
macro_rules! making {
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
making!(
    /// Regions.
    MakeRegions = "make_regions.sql"
);
making!(
    /// Areas.
    MakeAreas = "make_areas.sql"
);
making!(
    /// Territories.
    MakeTerritories = "make_territories.sql"
);
making!(
    /// Distributors.
    MakeDistributors = "make_distributors.sql"
);
