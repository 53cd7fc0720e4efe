use diesel::QueryResult;
use diesel::expression::{Expression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;

use crate::schema::retailers;

/// The condition of `retailers_bangla_name_idx`, verbatim: PostgreSQL uses a partial index only if it can prove that the
/// query needs no other rows.
#[derive(Debug, Clone, Copy, QueryId)]
pub(super) struct HasBangla;

impl Expression for HasBangla {
    type SqlType = Bool;
}

impl<GroupBy> ValidGrouping<GroupBy> for HasBangla {
    type IsAggregate = is_aggregate::No;
}

impl diesel::AppearsOnTable<retailers::table> for HasBangla {}
impl diesel::SelectableExpression<retailers::table> for HasBangla {}

impl QueryFragment<Pg> for HasBangla {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("retailers.search_key ~ '[ঀ-৿]'");
        Ok(())
    }
}
