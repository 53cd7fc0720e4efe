//! Hand-written statements, for what diesel cannot express (several changes in one statement).

/// Defines a statement from an SQL file, prepared once per connection like diesel's own statements; `diesel::sql_query`
/// would be prepared at each use, which takes ten times as long.
///
/// The file is appended to `WITH params AS (SELECT $1, $2, …)`, a CTE that PostgreSQL never runs. It therefore starts with a
/// comma and another CTE, or with `SELECT`. `BEGINNING + "file.sql"` puts shared text before the file. The statement may use the
/// parameters `$1`, `$2` … in any order and any number of times; they are numbered in the order in which the fields are
/// declared.
#[macro_export]
macro_rules! statement {
    (
        $(#[$meta:meta])*
        $name:ident = $($beginning:ident +)? $file:literal -> $row:ty { $($field:ident: $kind:ty as $sql:ty),+ $(,)? }
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
                let mut separator = "WITH params AS (SELECT ";
                $(
                    out.push_sql(separator);
                    out.push_bind_param::<$sql, _>(&self.$field)?;
                    separator = ", ";
                )+
                let _ = separator;
                out.push_sql(") ");
                $(out.push_sql($beginning);)?
                out.push_sql(include_str!($file));
                Ok(())
            }
        }

        impl<C> diesel::RunQueryDsl<C> for $name {}
    };
}
