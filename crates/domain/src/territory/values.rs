use crate::retailer::fold;
use crate::shared::{TextError, single_line};

/// The kinds of places on a sales map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// The widest.
    Region,
    /// In a region.
    Area,
    /// In an area.
    Territory,
    /// The house that delivers; in no place.
    Distributor,
}

impl PlaceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Region, Self::Area, Self::Territory, Self::Distributor];

    /// The word by which storage, feed and audit log know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Area => "area",
            Self::Territory => "territory",
            Self::Distributor => "distributor",
        }
    }

    /// The kind of place that it lies in.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Area => Some(Self::Region),
            Self::Territory => Some(Self::Area),
            Self::Region | Self::Distributor => None,
        }
    }
}

/// A name of a place: one line of at most 200 characters, of which something can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceName(String);

impl PlaceName {
    /// The most characters.
    pub const MAX: usize = 200;

    /// Parses a name.
    ///
    /// # Errors
    /// [`TextError`] when nothing is left that anybody sees, or it is too long, or has control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let name = single_line(text, Self::MAX)?;
        // Joiners and blanks of no width are no name.
        if fold(&name).is_empty() { Err(TextError::Empty) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_of_which_something_can_be_seen() {
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
    fn what_lies_in_what() {
        let parents = PlaceKind::ALL.map(PlaceKind::parent);
        assert_eq!(parents, [None, Some(PlaceKind::Region), Some(PlaceKind::Area), None]);
    }
}
