//! The pieces of `persistence-core` that the contexts use, and those that they share.

use haat_domain::shared::SearchText;
pub(crate) use haat_persistence_core::{
    Explain, grants, inconsistent, is_active, lower, role, statement, surplus, taken, view,
};

/// Returns the two texts of a search: a search key must contain one of them. Without a search both are the empty text, which every
/// key contains.
pub(crate) fn search_texts(search: Option<&SearchText>) -> (String, String) {
    let mut texts = search.into_iter().flat_map(SearchText::texts);
    let text = texts.next().unwrap_or_default().to_owned();
    let other_text = texts.next().unwrap_or(&text).to_owned();
    (text, other_text)
}
