use crate::shared::{FieldRule, bangla_digits};

/// The uid that a tenant gives a retailer, for example `BD-0004711`. Letters, digits, `-`, `_` and `.`, at
/// most 40 characters, case-sensitive. A new retailer cannot have one of three reserved words
/// ([`RetailerUid::RESERVED`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetailerUid(String);

/// Reasons why a text is not a retailer's uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetailerUidError {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// More than [`RetailerUid::MAX`] characters.
    #[error("must be at most {} characters", RetailerUid::MAX)]
    TooLong,
    /// Contains a character other than those listed, or consists of one or two dots.
    #[error("may contain only English letters, digits, '-', '_' and '.', and not only dots")]
    Characters,
    /// One of the words in [`RetailerUid::RESERVED`].
    #[error("is a reserved word: choose another uid than export, import or imports")]
    Reserved,
}

impl FieldRule for RetailerUidError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong => "too-long",
            Self::Characters => "invalid-characters",
            Self::Reserved => "reserved",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::Empty => "খালি রাখা যাবে না".to_owned(),
            Self::TooLong => format!("সর্বোচ্চ {}টি অক্ষর হতে পারে", bangla_digits(RetailerUid::MAX)),
            Self::Characters => "শুধু ইংরেজি অক্ষর, সংখ্যা, '-', '_' ও '.' থাকতে পারে, শুধু ডট নয়".to_owned(),
            Self::Reserved => "শব্দটি সংরক্ষিত: export, import বা imports ছাড়া অন্য uid দিন".to_owned(),
        }
    }
}

impl RetailerUid {
    /// The maximum number of characters.
    pub const MAX: usize = 40;

    /// Words that have another meaning in place of a uid in paths: a retailer with such a uid could not be
    /// addressed.
    pub const RESERVED: [&str; 3] = ["export", "import", "imports"];

    /// Parses a uid; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`RetailerUidError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, RetailerUidError> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        // Dot segments change the path (RFC 3986 section 5.2.4).
        let is_dot_segment = matches!(text, "." | "..");
        match text.chars().count() {
            0 => Err(RetailerUidError::Empty),
            1..=Self::MAX if !text.bytes().all(allowed) || is_dot_segment => {
                Err(RetailerUidError::Characters)
            }
            1..=Self::MAX => Ok(Self(text.to_owned())),
            _ => Err(RetailerUidError::TooLong),
        }
    }

    /// Parses the uid of a retailer that may be new.
    ///
    /// # Errors
    /// [`RetailerUidError`], also for the words in [`RetailerUid::RESERVED`].
    pub fn parse_new(text: &str) -> Result<Self, RetailerUidError> {
        let uid = Self::parse(text)?;
        if Self::RESERVED.contains(&uid.as_str()) { Err(RetailerUidError::Reserved) } else { Ok(uid) }
    }

    /// Returns the uid.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RetailerUid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_1_to_40_plain_characters() {
        for good in ["RTL-000001", " x ", "a.b_c-9", &"u".repeat(40)] {
            assert_eq!(RetailerUid::parse(good).unwrap().as_str(), good.trim());
        }
        let long = "u".repeat(41);
        for (bad, expected) in [
            ("", RetailerUidError::Empty),
            (" ", RetailerUidError::Empty),
            (".", RetailerUidError::Characters),
            ("..", RetailerUidError::Characters),
            ("a b", RetailerUidError::Characters),
            ("দোকান", RetailerUidError::Characters),
            ("a/b", RetailerUidError::Characters),
            ("a\0", RetailerUidError::Characters),
            (&long, RetailerUidError::TooLong),
        ] {
            assert_eq!(RetailerUid::parse(bad), Err(expected), "{bad:?}");
            assert_eq!(RetailerUid::parse_new(bad), RetailerUid::parse(bad), "{bad:?}");
        }
        for reserved in RetailerUid::RESERVED {
            assert_eq!(RetailerUid::parse_new(reserved), Err(RetailerUidError::Reserved));
            assert!(RetailerUid::parse(reserved).is_ok(), "an existing uid is accepted");
        }
        assert!(RetailerUid::parse_new("Export").is_ok());
    }
}
