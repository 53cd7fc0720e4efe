use super::fold;
use crate::shared::TextError;

/// A search term: a part of a name, uid or phone, folded like the stored search keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchText {
    text: String,
    /// The digits alone, if the term is a number with spaces, dashes, brackets or a plus.
    digits: Option<String>,
}

impl SearchText {
    /// The maximum number of characters, after folding.
    pub const MAX: usize = 100;

    /// The minimum number of characters for which the index of a whole pool is useful: it is a trigram
    /// index.
    pub const MIN_IN_POOL: usize = 3;

    /// Parses a search term.
    ///
    /// # Errors
    /// [`TextError`] if the text is empty or too long after folding.
    pub fn parse(typed: &str) -> Result<Self, TextError> {
        let text = fold(typed);
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > Self::MAX {
            return Err(TextError::TooLong { max: Self::MAX });
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|c| c.is_ascii_digit() || " -+()".contains(c));
        // 00 is the international dialling prefix, 880 the country code of Bangladesh.
        let digits = match digits.strip_prefix("00880") {
            Some(rest) if is_number => format!("880{rest}"),
            _ => digits,
        };
        let digits = (is_number && !digits.is_empty() && digits != text).then_some(digits);
        Ok(Self { text, digits })
    }

    /// Returns the texts; a search key matches if it contains one of them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.digits.as_deref())
    }

    /// Returns the text if it has no digit and no sign of uids, so that only a name or the letters of a uid can
    /// contain it.
    #[must_use]
    pub fn only_in_names(&self) -> Option<&str> {
        (self.digits.is_none() && has_no_digits_or_uid_signs(&self.text)).then_some(self.text.as_str())
    }

    /// Returns true if this search key matches.
    #[must_use]
    pub fn is_in(&self, key: &str) -> bool {
        self.texts().any(|text| key.contains(text))
    }

    /// Returns true if the index of a whole pool is useful for the term: it contains three letters or digits
    /// in a row, or three characters, at least two of them letters, without digits and signs of uids.
    #[must_use]
    pub fn is_long_enough_for_pool(&self) -> bool {
        let is_word_char = |c: char| c.is_alphanumeric() || ('\u{0980}'..='\u{09FF}').contains(&c);
        self.texts().all(|text| {
            let long = |part: &str| part.chars().count() >= Self::MIN_IN_POOL;
            text.split(|c| !is_word_char(c)).any(long)
                || (has_no_digits_or_uid_signs(text)
                    && text.split(' ').any(long)
                    && text.chars().filter(|c| is_word_char(*c)).count() >= 2)
        })
    }

    /// Returns true if the term contains a Bangla letter. (Digits are folded to ASCII.)
    #[must_use]
    pub fn is_bangla(&self) -> bool {
        self.text.chars().any(|c| ('\u{0980}'..='\u{09FF}').contains(&c))
    }
}

/// Returns true if the text has no digit and none of the signs `-`, `_` and `.`, so that only a name or the
/// letters of a uid can contain it.
fn has_no_digits_or_uid_signs(text: &str) -> bool {
    !text.chars().any(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::{RetailerUid, search_key};
    use crate::shared::Phone;

    fn matches(typed: &str) -> bool {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let key = search_key("মা ষ্টোর & Rahim Store", &uid, Some(&phone));
        SearchText::parse(typed).unwrap().is_in(&key)
    }

    #[test]
    fn matches_any_part_of_name_uid_and_phone_in_any_spelling() {
        for typed in [
            "স্টোর",
            "ষ্টোর",
            "মা\u{200C} স্টোর",
            "rahim",
            "RAHIM  STORE",
            "him sto",
            "rtl-0042",
            "0042",
            "৪২",
            "01711",
            "০১৭১১",
            "+880 1711-234567",
            "01711 234 567",
            "(880) 1711",
            "008801711",
            "+88",
            "234567",
            "&",
        ] {
            assert!(matches(typed), "{typed}");
        }
        for typed in ["karim", "01712", "0042 8801", "%", "_", "\\"] {
            assert!(!matches(typed), "{typed}");
        }
    }

    #[test]
    fn short_terms_are_not_useful_for_a_pool() {
        let is_useful = |typed: &str| SearchText::parse(typed).unwrap().is_long_enough_for_pool();
        for typed in ["abc", "মা স্টোর", "m/s", "017", "+880", "rtl-", "a abc", "স্টো"]
        {
            assert!(is_useful(typed), "{typed}");
        }
        for typed in ["ab", "মা", "---", "&&&", "a b", "+88", "a-b", "1-2"] {
            assert!(!is_useful(typed), "{typed}");
        }
    }

    #[test]
    fn rejects_empty_and_too_long_terms() {
        for typed in ["", "  ", "\u{200D}", "\n"] {
            assert_eq!(SearchText::parse(typed), Err(TextError::Empty), "{typed:?}");
        }
        assert_eq!(SearchText::parse(&"ক".repeat(101)), Err(TextError::TooLong { max: SearchText::MAX }));
        assert!(SearchText::parse(&"ক".repeat(100)).is_ok());
    }
}
