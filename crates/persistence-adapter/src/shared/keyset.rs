//! Row comparison, `ROW(name, uid) > ROW($1, $2)`, which PostgreSQL turns into one index range.
//! The same condition written as `name > $1 OR (name = $1 AND uid > $2)` would scan the index from its start.

diesel::infix_operator!(RowAfter, " > ", backend: diesel::pg::Pg);
diesel::infix_operator!(RowBefore, " < ", backend: diesel::pg::Pg);

/// Returns the page limit plus one: the extra row shows that there is a next page.
pub(crate) fn surplus<Key>(page: &haat_domain::shared::PageRequest<Key>) -> i64 {
    i64::from(page.limit.get()) + 1
}
