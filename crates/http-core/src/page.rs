use haat_domain::shared::{Limit, LimitError, SearchText, TextError};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Fields, Invalid};

/// Paging information of a list response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// The requested number of rows per page.
    #[schema(minimum = 1, maximum = 200, example = 20)]
    pub limit: u8,
    /// Value of `cursor` for the next page; `null` on the last page. Opaque, and only valid with the same
    /// filter and sort.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// True if there is a next page.
    pub has_more: bool,
    /// Number of rows on all pages; present with `page` or `includeTotal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 70, nullable = false)]
    pub total: Option<u64>,
}

impl PageInfo {
    /// Creates the paging of a page.
    #[must_use]
    pub const fn new(limit: Limit, next_cursor: Option<String>, total: Option<u64>) -> Self {
        Self { limit: limit.get(), has_more: next_cursor.is_some(), next_cursor, total }
    }
}

/// Parses a parameter that is `true` or `false`. Accepts `True` and `False`, which Python clients send in forms.
///
/// # Errors
/// [`Invalid`] for anything else.
pub fn parse_bool(text: &str) -> Result<bool, Invalid> {
    match text {
        "true" | "True" => Ok(true),
        "false" | "False" => Ok(false),
        _ => Err(Invalid("must be true or false", "true বা false হতে হবে")),
    }
}

/// Reads the parameter `q`. An empty value means no search.
pub fn search(query: &mut Fields) -> Option<SearchText> {
    let search = query.optional("q", |text| match SearchText::parse(text) {
        Err(TextError::Empty) => Ok(None),
        other => other.map(Some),
    });
    search.flatten()
}

/// Reads the parameter `limit`.
pub fn limit(query: &mut Fields) -> Limit {
    let limit = query.optional("limit", |text| text.parse().map_or(Err(LimitError), Limit::parse));
    limit.unwrap_or_default()
}
