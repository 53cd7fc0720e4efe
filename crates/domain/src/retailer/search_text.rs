use super::fold;

/// What somebody types to find a shop: a part of its name, uid or phone, folded as the stored search keys are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchText {
    text: String,
    /// The digits alone, where somebody typed a number with blanks, dashes, brackets or a plus.
    digits: Option<String>,
}

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchTextError {
    /// Nothing, or nothing that anybody sees.
    #[error("must not be empty")]
    Empty,
    /// More than anybody types.
    #[error("must have at most {} characters", SearchText::MAX)]
    TooLong,
}

impl SearchText {
    /// The most characters, after folding.
    pub const MAX: usize = 100;

    /// The fewest characters for which the index of a whole pool is of use: it holds groups of three.
    pub const MIN_IN_POOL: usize = 3;

    /// Parses what was typed.
    ///
    /// # Errors
    /// [`SearchTextError`] when nothing is left of it, or too much.
    pub fn parse(typed: &str) -> Result<Self, SearchTextError> {
        let text = fold(typed);
        if text.is_empty() {
            return Err(SearchTextError::Empty);
        }
        if text.chars().count() > Self::MAX {
            return Err(SearchTextError::TooLong);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|c| c.is_ascii_digit() || " -+()".contains(c));
        let digits = (is_number && digits.len() >= 3 && digits != text).then_some(digits);
        Ok(Self { text, digits })
    }

    /// The texts of which a search key must contain one.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.digits.as_deref())
    }

    /// Whether a shop with this search key is meant.
    #[must_use]
    pub fn is_in(&self, key: &str) -> bool {
        self.texts().any(|text| key.contains(text))
    }

    /// Characters, after folding.
    #[must_use]
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether there is a Bangla letter in it. (Digits are folded to ASCII.)
    #[must_use]
    pub fn is_bangla(&self) -> bool {
        self.text.chars().any(|c| ('\u{0980}'..='\u{09FF}').contains(&c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::{RetailerUid, search_key};
    use crate::shared::Phone;

    fn found(typed: &str) -> bool {
        let uid = RetailerUid::parse("RTL-0042").unwrap();
        let phone = Phone::parse("01711-234567").unwrap();
        let key = search_key("মা ষ্টোর & Rahim Store", &uid, Some(&phone));
        SearchText::parse(typed).unwrap().is_in(&key)
    }

    #[test]
    fn any_part_of_name_uid_and_phone_is_found_however_it_is_typed() {
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
            "234567",
            "&",
        ] {
            assert!(found(typed), "{typed}");
        }
        for typed in ["karim", "01712", "0042 8801", "%", "_", "\\"] {
            assert!(!found(typed), "{typed}");
        }
    }

    #[test]
    fn what_nobody_can_search_for_is_refused() {
        for typed in ["", "  ", "\u{200D}", "\n"] {
            assert_eq!(SearchText::parse(typed), Err(SearchTextError::Empty), "{typed:?}");
        }
        assert_eq!(SearchText::parse(&"ক".repeat(101)), Err(SearchTextError::TooLong));
        assert!(SearchText::parse(&"ক".repeat(100)).is_ok());
    }
}
