//! Comparison of whole rows, `ROW(name, uid) > ROW($1, $2)`, which Postgres answers with one range of an index.
//! The same written as `name > $1 OR (name = $1 AND uid > $2)` would read the index from its beginning.

diesel::infix_operator!(RowAfter, " > ", backend: diesel::pg::Pg);
diesel::infix_operator!(RowBefore, " < ", backend: diesel::pg::Pg);

/// One row more than asked for tells whether there is a next page.
pub(crate) fn surplus<Key>(page: &haat_domain::shared::PageRequest<Key>) -> i64 {
    i64::from(page.limit.get()) + 1
}
