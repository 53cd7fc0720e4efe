use haat_domain::territory::NameLanguage;
use haat_http_core::Fields;

/// Reads the language of the names of places. It is a parameter and not `Accept-Language`, because names are data that
/// clients compare: the language of the browser must not change them. Responses in different languages therefore have
/// different URLs, and caches keep them apart.
pub(crate) fn name_language(query: &mut Fields) -> NameLanguage {
    query.word("lang", NameLanguage::from_name, NameLanguage::WORDS).unwrap_or_default()
}
