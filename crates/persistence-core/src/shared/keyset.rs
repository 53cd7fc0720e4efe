//! Row comparison, `ROW(name, uid) > ROW($1, $2)`, which PostgreSQL turns into one index range.
//! The same condition written as `name > $1 OR (name = $1 AND uid > $2)` would scan the index from its start.

diesel::infix_operator!(RowAfter, " > ", backend: diesel::pg::Pg);
diesel::infix_operator!(RowBefore, " < ", backend: diesel::pg::Pg);

/// Returns the page limit plus one: the extra row shows that there is a next page.
pub fn surplus<Key>(page: &haat_domain::shared::PageRequest<Key>) -> i64 {
    i64::from(page.limit.get()) + 1
}

/// Selects the rows after a key, in ascending order of the columns.
pub fn row_after<Columns, Key>(columns: Columns, key: Key) -> RowAfter<Columns, Key> {
    RowAfter::new(columns, key)
}

/// Selects the rows before a key: those that follow it in descending order of the columns.
pub fn row_before<Columns, Key>(columns: Columns, key: Key) -> RowBefore<Columns, Key> {
    RowBefore::new(columns, key)
}
