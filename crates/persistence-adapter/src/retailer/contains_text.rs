use diesel::expression::{Expression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use haat_domain::shared::SearchText;

use super::like::{pattern, pattern_without_country_code};
use super::words::KEY_WITHOUT_PHONE;

/// The condition that a search key contains one of the texts of a search.
#[derive(Debug, Clone)]
pub(super) struct ContainsText {
    /// Each text, and a LIKE pattern for the index of search keys: all keys with the text match it.
    texts: Vec<(String, String)>,
    /// True if phones are not searched. The index includes them, so the text is checked again.
    without_phone: bool,
}

impl ContainsText {
    pub(super) fn of(search: &SearchText, without_phone: bool) -> Self {
        let for_index = |text: &str| pattern_without_country_code(text).unwrap_or_else(|| pattern(text));
        let texts = search.texts().map(|text| (text.to_owned(), for_index(text))).collect();
        Self { texts, without_phone }
    }
}

impl Expression for ContainsText {
    type SqlType = Bool;
}

impl<GroupBy> ValidGrouping<GroupBy> for ContainsText {
    type IsAggregate = is_aggregate::No;
}

impl<Table> diesel::AppearsOnTable<Table> for ContainsText {}

impl QueryId for ContainsText {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for ContainsText {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let key = if self.without_phone { KEY_WITHOUT_PHONE } else { "retailers.search_key" };
        let mut separator = "((";
        for (text, for_index) in &self.texts {
            out.push_sql(separator);
            out.push_sql("retailers.search_key LIKE ");
            out.push_bind_param::<Text, _>(for_index)?;
            if self.without_phone || *for_index != pattern(text) {
                // PostgreSQL would also use the index for a second LIKE.
                out.push_sql(" AND strpos(");
                out.push_sql(key);
                out.push_sql(", ");
                out.push_bind_param::<Text, _>(text)?;
                out.push_sql(") > 0");
            }
            separator = ") OR (";
        }
        out.push_sql("))");
        Ok(())
    }
}
