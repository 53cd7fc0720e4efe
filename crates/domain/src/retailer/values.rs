/// The name a company's files and people give a shop, for example `BD-0004711`. Letters, digits, `-`, `_`
/// and `.`, at most 40; upper and lower case differ. A new shop cannot have three words ([`RetailerUid::TAKEN`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetailerUid(String);

/// Why a text is not a retailer's uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {} letters, digits, '-', '_' or '.', and not export, import or imports",
    RetailerUid::MAX
)]
pub struct RetailerUidError;

impl RetailerUid {
    /// The most characters.
    pub const MAX: usize = 40;

    /// What stands where a uid stands in paths and means something else there: a shop of that name could not be reached.
    pub const TAKEN: [&str; 3] = ["export", "import", "imports"];

    /// Parses a uid; blanks around it are removed.
    ///
    /// # Errors
    /// [`RetailerUidError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, RetailerUidError> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        // A path of dots alone leads elsewhere (RFC 3986 section 5.2.4).
        let leads_away = matches!(text, "." | "..");
        if text.is_empty() || text.len() > Self::MAX || !text.bytes().all(allowed) || leads_away {
            return Err(RetailerUidError);
        }
        Ok(Self(text.to_owned()))
    }

    /// Parses the uid of a shop that may be a new one.
    ///
    /// # Errors
    /// [`RetailerUidError`] also for what is [`RetailerUid::TAKEN`].
    pub fn parse_new(text: &str) -> Result<Self, RetailerUidError> {
        Self::parse(text).ok().filter(|uid| !Self::TAKEN.contains(&uid.as_str())).ok_or(RetailerUidError)
    }

    /// The uid.
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
    fn a_uid_is_short_and_plain() {
        for good in ["RTL-000001", " x ", "a.b_c-9", &"u".repeat(40)] {
            assert_eq!(RetailerUid::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in ["", " ", ".", "..", "a b", "দোকান", "a/b", "a\0", &"u".repeat(41)] {
            assert_eq!(RetailerUid::parse(bad), Err(RetailerUidError), "{bad:?}");
            assert_eq!(RetailerUid::parse_new(bad), Err(RetailerUidError), "{bad:?}");
        }
        for taken in RetailerUid::TAKEN {
            assert_eq!(RetailerUid::parse_new(taken), Err(RetailerUidError));
            assert!(RetailerUid::parse(taken).is_ok(), "one that is there already is read");
        }
        assert!(RetailerUid::parse_new("Export").is_ok());
    }
}
