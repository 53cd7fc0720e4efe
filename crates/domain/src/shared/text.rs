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
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::Control);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    Ok(text)
}

/// Text of any number of lines: blanks around it removed, line ends as `\n`, stored as Unicode NFC.
///
/// # Errors
/// [`TextError`] when nothing is left, when it has more than `max` characters, or a control character other than line
/// breaks and tabs.
pub fn multi_line(text: &str, max: usize) -> Result<String, TextError> {
    let text: String = text.trim().replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
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
        assert_eq!(single_line(&"ক".repeat(21), 20), Err(TextError::TooLong { max: 20 }));
        assert!(single_line(&"ক".repeat(20), 20).is_ok());
    }
}
