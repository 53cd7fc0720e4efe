use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The most characters (Unicode scalar values) allowed.
        max: usize,
    },
    /// A line break, NUL or another control character.
    #[error("must not contain control characters")]
    Control,
}

/// One line of text as people type names: blanks around it removed, stored as Unicode NFC.
///
/// # Errors
/// [`TextError`] when nothing is left, when it has more than `max` characters, or a control character.
pub fn single_line(text: &str, max: usize) -> Result<String, TextError> {
    let text = nfc(text.trim());
    if !text.chars().any(is_seen) {
        return Err(TextError::Empty);
    }
    if text.chars().any(|c| c.is_control() || steers(c)) {
        return Err(TextError::Control);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// Whether a character leaves ink: fillers and the blank pattern of Braille pass for letters and do not.
fn is_seen(c: char) -> bool {
    let blank = matches!(c, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}');
    !blank && !c.is_whitespace() && fold_char(c).is_some()
}

/// Whether a character breaks the line or turns the direction of what stands beside it (Unicode Standard Annex 9).
const fn steers(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Text of any number of lines: blanks around it removed, line ends as `\n`, stored as Unicode NFC.
///
/// # Errors
/// [`TextError`] when nothing is left, when it has more than `max` characters, or a control character other than line
/// breaks and tabs.
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

/// The text in NFC. ASCII is in every form as it is (Unicode Standard Annex 15), and most of a large file is.
fn nfc(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { text.nfc().collect() }
}

/// The text in NFKC.
pub(crate) fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

/// Bangla digits become ASCII digits; joiners, direction marks and other characters nobody sees (copying from
/// a web page or a chat leaves them behind) become nothing; anything else stays.
pub(crate) fn fold_char(c: char) -> Option<char> {
    match c {
        '০'..='৯' => char::from_digit(u32::from(c) - u32::from('০'), 10),
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_composed() {
        assert_eq!(single_line("  Rahim Store ", 20).as_deref(), Ok("Rahim Store"));
        assert_eq!(single_line("\u{09DC}", 20).as_deref(), Ok("\u{09A1}\u{09BC}"), "NFC decomposes ড়");
    }

    #[test]
    fn what_is_not_a_line_is_refused() {
        assert_eq!(single_line(" \t ", 20), Err(TextError::Empty));
        assert_eq!(single_line("a\nb", 20), Err(TextError::Control));
        assert_eq!(single_line("a\0b", 20), Err(TextError::Control));
        for steering in ['\u{2028}', '\u{202E}', '\u{2066}'] {
            assert_eq!(single_line(&format!("a{steering}b"), 20), Err(TextError::Control));
        }
        for nothing in ["\u{3164}", "\u{2800} \u{200B}", "\u{FEFF}"] {
            assert_eq!(single_line(nothing, 20), Err(TextError::Empty));
        }
        assert!(single_line("র\u{200D}্যাব", 20).is_ok(), "joiners are part of Bangla");
        assert_eq!(single_line(&"ক".repeat(21), 20), Err(TextError::TooLong { max: 20 }));
        assert!(single_line(&"ক".repeat(20), 20).is_ok());
    }
}
