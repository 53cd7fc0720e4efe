use crate::shared::{TextError, fold, single_line, text_value};

/// The kind of a place on the sales map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// A region, the largest unit.
    Region,
    /// An area, in a region.
    Area,
    /// A territory, in an area.
    Territory,
    /// A distributor, in no other place.
    Distributor,
}

/// The language of the names of places in a response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NameLanguage {
    /// English, in which every place has a name.
    #[default]
    English,
    /// Bangla; a place without a name in Bangla has its English name.
    Bangla,
}

impl NameLanguage {
    /// The words in requests, as in ISO 639-1.
    pub const WORDS: &[&str] = &["en", "bn"];

    /// Returns the language with this word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "en" => Some(Self::English),
            "bn" => Some(Self::Bangla),
            _ => None,
        }
    }
}

impl PlaceKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Region, Self::Area, Self::Territory, Self::Distributor];

    /// Returns the word used in storage, in the change feed and in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Area => "area",
            Self::Territory => "territory",
            Self::Distributor => "distributor",
        }
    }

    /// Returns the kind of the parent.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Area => Some(Self::Region),
            Self::Territory => Some(Self::Area),
            Self::Region | Self::Distributor => None,
        }
    }
}

/// A name of a place: one line of at most 200 characters, with at least one visible character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceName(String);

impl PlaceName {
    /// The maximum number of characters.
    pub const MAX: usize = 200;

    /// Parses a name; trims surrounding whitespace.
    ///
    /// # Errors
    /// [`TextError`] if nothing visible is left, or if the text is too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let name = single_line(text, Self::MAX)?;
        // Joiners and zero-width spaces alone are not a name.
        if fold(&name).is_empty() { Err(TextError::Empty) } else { Ok(Self(name)) }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(PlaceName, TextError, max: PlaceName::MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_one_visible_line() {
        assert_eq!(PlaceName::parse("  Cox's Bazar ").unwrap().as_str(), "Cox's Bazar");
        assert_eq!(PlaceName::parse("ব\u{09BE}গ\u{200D}").unwrap().as_str(), "ব\u{09BE}গ\u{200D}");
        assert!(PlaceName::parse(&"ঢ".repeat(200)).is_ok());
        for (bad, error) in [
            ("", TextError::Empty),
            (" \u{A0}\u{3000} ", TextError::Empty),
            ("\u{200B}\u{200D}", TextError::Empty),
            ("a\tb", TextError::Control),
            ("a\0", TextError::Control),
            (&"x".repeat(201), TextError::TooLong { max: 200 }),
        ] {
            assert_eq!(PlaceName::parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn knows_the_parent_of_each_kind() {
        let parents = PlaceKind::ALL.map(PlaceKind::parent);
        assert_eq!(parents, [None, Some(PlaceKind::Region), Some(PlaceKind::Area), None]);
    }
}
