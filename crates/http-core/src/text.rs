use actix_web::http::header::HeaderValue;
use haat_application::shared::Text;

/// Returns a message in a language.
#[must_use]
pub fn in_language(text: &Text, language: Language) -> &str {
    match language {
        Language::English => &text.en,
        Language::Bangla => &text.bn,
    }
}

/// The language of titles, details and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Bangla.
    Bangla,
}

impl Language {
    /// Returns the supported language with the highest weight in `Accept-Language` (RFC 9110 section 12.5.4),
    /// the first one on a tie, and English if the header names no supported language.
    #[must_use]
    pub fn of(requested: Option<&HeaderValue>) -> Self {
        let requested = requested.and_then(|value| value.to_str().ok());
        let mut best = (Self::English, 0.0_f32);
        for item in requested.unwrap_or_default().split(',') {
            let (tag, parameter) = item.split_once(';').unwrap_or((item, ""));
            let weight = parameter.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok());
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let language = match primary {
                _ if primary.eq_ignore_ascii_case("bn") => Self::Bangla,
                _ if primary.eq_ignore_ascii_case("en") => Self::English,
                _ => continue,
            };
            if weight.is_some_and(|weight: f32| weight > best.1) {
                best = (language, weight.unwrap_or_default());
            }
        }
        best.0
    }

    /// Returns the tag for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Bangla => "bn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_the_supported_language_with_the_highest_weight() {
        for (requested, language) in [
            ("", Language::English),
            ("bn", Language::Bangla),
            ("BN-bd", Language::Bangla),
            ("en-US,en;q=0.9,bn;q=0.8", Language::English),
            ("fr, bn;q=0.5, en;q=0.4", Language::Bangla),
            ("fr", Language::English),
            ("bn;q=0", Language::English),
            ("bn;q=x", Language::English),
        ] {
            let requested = HeaderValue::from_static(requested);
            assert_eq!(Language::of(Some(&requested)), language, "{requested:?}");
        }
    }
}
