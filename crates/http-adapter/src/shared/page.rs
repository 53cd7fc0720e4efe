use haat_domain::retailer::{SearchText, SearchTextError};
use haat_domain::shared::Limit;
use serde::Serialize;
use utoipa::ToSchema;

use super::Fields;
use super::text::bangla_number;

/// What a list says of the page it gives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    /// The most rows of a page, as asked for.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(crate) limit: u8,
    /// To be sent as `cursor` for the next page; `null` on the last one. Opaque, and of use only with the same
    /// filter and sort.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Whether there is a next page.
    pub(crate) has_more: bool,
    /// How many rows all pages have; there for `page` and `includeTotal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 70)]
    pub(crate) total: Option<u64>,
}

impl PageInfo {
    pub(crate) const fn new(limit: Limit, next_cursor: Option<String>, total: Option<u64>) -> Self {
        Self { limit: limit.get(), has_more: next_cursor.is_some(), next_cursor, total }
    }
}

/// A parameter that is `true` or `false`.
pub(crate) fn parse_bool(text: &str) -> Result<bool, &'static str> {
    text.parse().map_err(|_neither| "must be true or false")
}

/// The parameter `q`. An empty box searches for nothing in particular.
pub(crate) fn search(query: &mut Fields) -> Option<SearchText> {
    let search = query.optional("q", |text| match SearchText::parse(text) {
        Err(SearchTextError::Empty) => Ok(None),
        other => other.map(Some),
    });
    search.flatten()
}

/// The parameter `limit`.
pub(crate) fn limit(query: &mut Fields) -> Limit {
    let Some(text) = query.optional_text("limit") else {
        return Limit::default();
    };
    text.parse().ok().and_then(|rows| Limit::parse(rows).ok()).unwrap_or_else(|| {
        let max = Limit::MAX;
        query.refuse(
            "limit",
            "out-of-range",
            format!("must be a whole number from 1 to {max}"),
            format!("১ থেকে {} পর্যন্ত একটি পূর্ণ সংখ্যা হতে হবে", bangla_number(max)),
        );
        Limit::default()
    })
}
