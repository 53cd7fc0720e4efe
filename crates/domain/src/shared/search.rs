//! Search keys and search terms: texts that are compared without the differences that users do not mean.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use memchr::memmem::Finder;

use super::TextError;
use super::phone::is_separator;
use super::sound::sound;
use super::text::{fold_char, nfkc};

/// Removes differences that users do not mean: upper and lower case, full-width forms, Bangla and Latin
/// digits, ড় as one or two code points, invisible joiners, ষ্ট for স্ট, and runs of whitespace.
///
/// NFKC decomposes ড় ঢ় য় in both spellings and narrows full-width letters; it keeps Bangla digits and
/// joiners, so these are mapped here (Unicode Standard Annex 15; U+09DC, U+09DD and U+09DF are composition
/// exclusions).
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in nfkc(text).chars().flat_map(char::to_lowercase) {
        let Some(c) = fold_char(c) else {
            continue;
        };
        if !c.is_whitespace() && !c.is_control() {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded.replace("ষ্ট", "স্ট")
}

/// A search term: a part of a name, uid or phone, folded like the stored search keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchText {
    text: String,
    /// The digits alone, if the term is a number with spaces, dashes, brackets or a plus.
    digits: Option<String>,
    words: Vec<SearchWord>,
}

/// A word of a search term: a part of a search key, or a word of the name with the same sound. One of fewer than three characters
/// is not searched for as a part, because most keys contain it, but as a word of the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchWord {
    /// The folded word.
    pub text: String,
    /// Its sound, if it has one.
    pub sound: Option<String>,
}

impl SearchWord {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), sound: Some(sound(text)).filter(|sound| !sound.is_empty()) }
    }

    /// Returns true if the word is long enough to be searched for as a part of a key.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.text.chars().count() >= SearchText::MIN_IN_POOL
    }

    /// Returns true if a word of the name in this search key has the same sound.
    fn sounds_like_one_of(&self, key: &str) -> bool {
        words_of_name(key).any(|name| name == self.text || self.sound.as_ref() == Some(&sound(name)))
    }
}

/// The kind of match of a search term in a search key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SearchMatch {
    /// The key contains the term.
    #[default]
    Text,
    /// The key contains each word of the term, in any order and either script, but not the term.
    WordsOnly,
    /// The key contains the term, or each of its words.
    TextOrWords,
}

/// Returns the words of the name in a search key: the name is on the first line.
fn words_of_name(key: &str) -> impl Iterator<Item = &str> {
    key.lines().next().unwrap_or_default().split(' ')
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
        let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '+' || is_separator(c));
        // 00 is the international dialling prefix, 880 the country code of Bangladesh.
        let digits = match digits.strip_prefix("00880") {
            Some(rest) if is_number => format!("880{rest}"),
            _ => digits,
        };
        let digits = (is_number && !digits.is_empty() && digits != text).then_some(digits);
        let words = text.split(' ').map(SearchWord::new).collect();
        Ok(Self { text, digits, words })
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

    /// The maximum number of words that are searched one by one. Longer terms match as a text only.
    pub const MAX_WORDS: usize = 8;

    /// Returns the words, if they can match more than the text: the term has several, but not too many, or one with a sound, and
    /// is no number.
    #[must_use]
    pub fn words(&self) -> Option<&[SearchWord]> {
        let more = self.words.len() > 1 || self.words.iter().any(|word| word.sound.is_some());
        let few = self.words.len() <= Self::MAX_WORDS;
        (more && few && self.digits.is_none()).then_some(self.words.as_slice())
    }

    /// Returns true if this search key matches.
    #[must_use]
    pub fn is_in(&self, key: &str, matching: SearchMatch) -> bool {
        let matcher = self.matcher(matching);
        // A match by text alone needs no sounds.
        let sounds = if matcher.words.is_empty() { Box::default() } else { sound_digests(key) };
        matcher.matches(key, &sounds)
    }

    /// Returns a matcher that compares search keys with the term.
    #[must_use]
    pub fn matcher(&self, matching: SearchMatch) -> SearchMatcher<'_> {
        let words = self.words().filter(|_| matching != SearchMatch::Text).unwrap_or_default();
        let words = words.iter().map(|word| WordMatcher {
            word,
            part: word.is_long().then(|| Finder::new(&word.text)),
            sound: word.sound.as_deref().map(digest),
        });
        SearchMatcher { texts: self.texts().map(Finder::new).collect(), matching, words: words.collect() }
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

/// Returns digests of the sounds of the words of the name in a search key, without those of words that have no sound. Equal sounds
/// have equal digests. Computed once for each key that is searched often, because the sounds of 14,000 names take 20 ms.
#[must_use]
pub fn sound_digests(key: &str) -> Box<[u32]> {
    words_of_name(key).map(sound).filter(|sound| !sound.is_empty()).map(|sound| digest(&sound)).collect()
}

fn digest(sound: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    sound.hash(&mut hasher);
    // The upper 32 bits.
    u32::try_from(hasher.finish() >> 32).unwrap_or_default()
}

/// Compares search keys with a term. Made once for many keys, because preparing a search for a text takes longer than searching
/// a key.
#[derive(Debug)]
pub struct SearchMatcher<'a> {
    texts: Vec<Finder<'a>>,
    matching: SearchMatch,
    /// Empty if the term does not match by words.
    words: Vec<WordMatcher<'a>>,
}

/// Compares search keys with one word.
#[derive(Debug)]
struct WordMatcher<'a> {
    word: &'a SearchWord,
    /// Finds the word as a part of a key, if it is long.
    part: Option<Finder<'a>>,
    /// The digest of its sound.
    sound: Option<u32>,
}

impl SearchMatcher<'_> {
    /// Returns true if a search key with these [`sound_digests`] matches.
    #[must_use]
    pub fn matches(&self, key: &str, sounds: &[u32]) -> bool {
        let by_text = || self.texts.iter().any(|text| text.find(key.as_bytes()).is_some());
        let by_words = || !self.words.is_empty() && self.words.iter().all(|word| word.matches(key, sounds));
        match self.matching {
            SearchMatch::Text => by_text(),
            SearchMatch::WordsOnly => by_words() && !by_text(),
            SearchMatch::TextOrWords => by_text() || by_words(),
        }
    }
}

impl WordMatcher<'_> {
    fn matches(&self, key: &str, sounds: &[u32]) -> bool {
        let is_part = self.part.as_ref().is_some_and(|part| part.find(key.as_bytes()).is_some());
        is_part
            || self.sound.map_or_else(
                || words_of_name(key).any(|name| name == self.word.text),
                |sound| sounds.contains(&sound) && self.word.sounds_like_one_of(key),
            )
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

    #[test]
    fn folds_equivalent_spellings_to_the_same_text() {
        for (a, b) in [
            ("RAHIM  Store", "rahim store"),
            ("স্টোর", "ষ্টোর"),
            ("বা\u{09DC}ি", "বা\u{09A1}\u{09BC}ি"),
            ("র\u{200D}্যাব", "র্যাব"),
            ("ক\u{200C}খ", "কখ"),
            ("\u{2066}ক\u{61C}খ\u{FE0F}\u{2069}", "কখ"),
            ("দোকান ১২৩", "দোকান 123"),
            ("Ｓｔｏｒｅ", "store"),
            (" a\tb\n", "a b"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} / {b}");
        }
    }

    #[test]
    fn folding_is_idempotent() {
        for text in ["M/S  ভাই ভাই ষ্টোর", "İstanbul", "ﬁne", "য়\u{200D}", "  "]
        {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
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
