use actix_web::http::header::HeaderValue;

/// A sentence for people, in the two languages of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) en: String,
    pub(crate) bn: String,
}

impl Text {
    pub(crate) fn new(en: impl Into<String>, bn: impl Into<String>) -> Self {
        Self { en: en.into(), bn: bn.into() }
    }

    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Bangla => &self.bn,
        }
    }
}

/// A number in Bangla digits.
pub(crate) fn bangla_number(number: impl std::fmt::Display) -> String {
    let digit =
        |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from('০') + digit)).unwrap_or(c);
    number.to_string().chars().map(digit).collect()
}

/// The language of titles and details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Bangla,
}

impl Language {
    /// The preferred one of `Accept-Language` (RFC 9110 section 12.5.4): the one of ours with the highest weight,
    /// the first where two weigh the same. English where the client has no wish that we can grant.
    pub(crate) fn of(wishes: Option<&HeaderValue>) -> Self {
        let wishes = wishes.and_then(|value| value.to_str().ok());
        let mut best = (Self::English, 0.0_f32);
        for wish in wishes.unwrap_or_default().split(',') {
            let (tag, parameter) = wish.split_once(';').unwrap_or((wish, ""));
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

    /// Its tag for `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
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
    fn the_heaviest_of_ours_wins() {
        for (wishes, language) in [
            ("", Language::English),
            ("bn", Language::Bangla),
            ("BN-bd", Language::Bangla),
            ("en-US,en;q=0.9,bn;q=0.8", Language::English),
            ("fr, bn;q=0.5, en;q=0.4", Language::Bangla),
            ("fr", Language::English),
            ("bn;q=0", Language::English),
            ("bn;q=x", Language::English),
        ] {
            let wishes = HeaderValue::from_static(wishes);
            assert_eq!(Language::of(Some(&wishes)), language, "{wishes:?}");
        }
    }
}
