//! Statements written by hand, where the words of diesel do not reach (several changes in one statement).

/// A statement in a file of SQL, prepared once per connection like any other of diesel's; `diesel::sql_query` would be
/// prepared anew at each use, ten times as slow.
///
/// The file goes on after `WITH given AS (SELECT $1, $2, …)`, a part that Postgres never runs, and so begins with a
/// comma and a part of its own, or with `SELECT`. It names the fields `$1`, `$2` … in their order, as often as it
/// likes.
macro_rules! statement {
    (
        $(#[$meta:meta])*
        $name:ident = $file:literal -> $row:ty { $($field:ident: $kind:ty as $sql:ty),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, diesel::query_builder::QueryId)]
        pub(crate) struct $name {
            $(pub(crate) $field: $kind,)+
        }

        impl diesel::query_builder::Query for $name {
            type SqlType = $row;
        }

        impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                let mut before = "WITH given AS (SELECT ";
                $(
                    out.push_sql(before);
                    out.push_bind_param::<$sql, _>(&self.$field)?;
                    before = ", ";
                )+
                let _ = before;
                out.push_sql(") ");
                out.push_sql(include_str!($file));
                Ok(())
            }
        }

        impl<C> diesel::RunQueryDsl<C> for $name {}
    };
}

pub(crate) use statement;
