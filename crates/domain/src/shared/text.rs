use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::{FieldRule, bangla_digits};

/// Reasons why a text is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The text has no visible character.
    #[error("must not be empty")]
    Empty,
    /// The text has more characters than allowed.
    #[error("must be at most {max} characters")]
    TooLong {
        /// The maximum number of characters (Unicode scalar values).
        max: usize,
    },
    /// The text contains a line break, NUL or another control character.
    #[error("must not contain control characters")]
    Control,
}

impl FieldRule for TextError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong { .. } => "too-long",
            Self::Control => "invalid-characters",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::Empty => "খালি রাখা যাবে না".to_owned(),
            Self::TooLong { max } => format!("সর্বোচ্চ {}টি অক্ষর হতে পারে", bangla_digits(max)),
            Self::Control => "নিয়ন্ত্রণ অক্ষর থাকতে পারবে না".to_owned(),
        }
    }
}

/// Normalizes one line of text, such as a name: trims surrounding whitespace and converts the text to Unicode
/// NFC.
///
/// # Errors
/// [`TextError`] if nothing visible is left, or if the text has more than `max` characters or a control
/// character.
pub fn single_line(text: &str, max: usize) -> Result<String, TextError> {
    let text = nfc(text.trim());
    if !text.chars().any(is_visible) {
        return Err(TextError::Empty);
    }
    if text.chars().any(|c| c.is_control() || is_break_or_direction_mark(c)) {
        return Err(TextError::Control);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// Returns true if a character is visible. The blank Braille pattern counts as a symbol but is not visible.
pub(crate) fn is_visible(c: char) -> bool {
    c != '\u{2800}' && !c.is_whitespace() && !is_ignorable(c)
}

/// Returns true if a character breaks the line or changes the direction of the text next to it (Unicode
/// Standard Annex 9).
const fn is_break_or_direction_mark(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Normalizes text of any number of lines: trims surrounding whitespace, converts line ends to `\n` and the
/// text to Unicode NFC.
///
/// # Errors
/// [`TextError`] if nothing is left, or if the text has more than `max` characters or a control character
/// other than line breaks and tabs.
pub fn multi_line(text: &str, max: usize) -> Result<String, TextError> {
    let text = nfc(&text.trim().replace("\r\n", "\n").replace('\r', "\n"));
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextError::Control);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// Converts to NFC. ASCII is the same in every form (Unicode Standard Annex 15), and most of a large file is
/// ASCII.
pub(crate) fn nfc(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

/// Converts to NFKC.
pub(crate) fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

/// Maps Bangla digits to ASCII digits, and joiners, direction marks and other invisible characters to `None`:
/// text copied from web pages and chats contains them. All other characters stay unchanged.
pub(crate) fn fold_char(c: char) -> Option<char> {
    match c {
        '০'..='৯' => char::from_digit(u32::from(c) - u32::from('০'), 10),
        c if is_ignorable(c) => None,
        c => Some(c),
    }
}

/// Returns true if a character is invisible and has no width: `Default_Ignorable_Code_Point` of the Unicode Character
/// Database 16.0 (`DerivedCoreProperties.txt`).
const fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_normalizes_a_line() {
        assert_eq!(single_line("  Rahim Store ", 20).as_deref(), Ok("Rahim Store"));
        assert_eq!(single_line("\u{09DC}", 20).as_deref(), Ok("\u{09A1}\u{09BC}"), "NFC decomposes ড়");
    }

    #[test]
    fn rejects_texts_that_are_not_one_visible_line() {
        assert_eq!(single_line(" \t ", 20), Err(TextError::Empty));
        assert_eq!(single_line("a\nb", 20), Err(TextError::Control));
        assert_eq!(single_line("a\0b", 20), Err(TextError::Control));
        for mark in ['\u{2028}', '\u{202E}', '\u{2066}'] {
            assert_eq!(single_line(&format!("a{mark}b"), 20), Err(TextError::Control));
        }
        for invisible in ["\u{3164}", "\u{2800} \u{200B}", "\u{FEFF}", "\u{61C}", "\u{FE0F}", "\u{E0041}"] {
            assert_eq!(single_line(invisible, 20), Err(TextError::Empty));
        }
        assert!(single_line("র\u{200D}্যাব", 20).is_ok(), "Bangla text uses joiners");
        assert_eq!(single_line(&"ক".repeat(21), 20), Err(TextError::TooLong { max: 20 }));
        assert!(single_line(&"ক".repeat(20), 20).is_ok());
    }
}
