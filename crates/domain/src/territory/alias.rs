use std::sync::Arc;

use super::{NamedRef, PlaceKey, PlaceKind, PlaceName};
use crate::shared::{FieldRule, SearchMatch, SearchText, TenantId, fold, text_value};

/// A kind of place that can have alternative spellings: any kind but a distributor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AliasedKind(PlaceKind);

impl AliasedKind {
    /// Parses the name of a kind.
    ///
    /// # Errors
    /// [`AliasedKindError`] for any other word.
    pub fn parse(word: &str) -> Result<Self, AliasedKindError> {
        let kinds = [PlaceKind::Region, PlaceKind::Area, PlaceKind::Territory];
        kinds.into_iter().find(|kind| kind.as_str() == word).map(Self).ok_or(AliasedKindError)
    }

    /// Returns the kind of place.
    #[must_use]
    pub const fn get(self) -> PlaceKind {
        self.0
    }
}

text_value!(AliasedKind, AliasedKindError, words: &["region", "area", "territory"]);

/// The word is not a kind of place that can have alternative spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be region, area or territory")]
pub struct AliasedKindError;

impl FieldRule for AliasedKindError {
    fn code(&self) -> &'static str {
        "invalid"
    }

    fn bangla(&self) -> String {
        "region, area বা territory হতে হবে".to_owned()
    }
}

/// An alternative spelling of a place, also matched by search and import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceAlias {
    /// The id.
    pub id: i64,
    /// The kind of the place.
    pub kind: AliasedKind,
    /// The place.
    pub place: NamedRef,
    /// The spelling.
    pub alias: Arc<str>,
}

impl PlaceAlias {
    /// Returns the sort key of the alias in a list.
    #[must_use]
    pub fn key(&self) -> PlaceKey {
        PlaceKey { name: self.alias.clone(), id: self.id }
    }
}

/// An alternative spelling to be added to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlaceAlias {
    /// The tenant.
    pub tenant: TenantId,
    /// The kind of the place.
    pub kind: AliasedKind,
    /// The id of the place.
    pub place: i64,
    /// The spelling.
    pub alias: PlaceName,
}

/// The filter of a list of alternative spellings; all given parts must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AliasFilter {
    /// Spellings with this text in the spelling or in the name of the place.
    pub search: Option<SearchText>,
    /// Spellings of this kind of place.
    pub kind: Option<AliasedKind>,
    /// Spellings of places with this id.
    pub place: Option<i64>,
}

impl AliasFilter {
    /// Returns true if the alias matches the filter.
    pub(super) fn matches(&self, alias: &PlaceAlias) -> bool {
        let is_in_a_name = |search: &SearchText| {
            [&alias.alias, &alias.place.name]
                .into_iter()
                .any(|name| search.is_in(&fold(name), SearchMatch::Text))
        };
        self.kind.is_none_or(|kind| alias.kind == kind)
            && self.place.is_none_or(|place| alias.place.id == place)
            && self.search.as_ref().is_none_or(is_in_a_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distributor_has_no_alternative_spellings() {
        for kind in PlaceKind::ALL {
            let parsed = AliasedKind::parse(kind.as_str()).ok().map(AliasedKind::get);
            assert_eq!(parsed, (kind != PlaceKind::Distributor).then_some(kind));
        }
        assert_eq!(AliasedKind::parse("Region"), Err(AliasedKindError));
    }

    #[test]
    fn all_parts_of_a_filter_must_match() {
        let kind = |word| AliasedKind::parse(word).ok();
        let alias = PlaceAlias {
            id: 1,
            kind: kind("area").unwrap(),
            place: NamedRef { id: 3, name: "Cumilla".into() },
            alias: "Comilla".into(),
        };
        let search = |text| SearchText::parse(text).ok();
        for (search, kind, place, matches) in [
            (None, None, None, true),
            (search("COMI"), kind("area"), Some(3), true),
            (search("cumi"), None, None, true),
            (search("dhaka"), None, None, false),
            (None, kind("region"), None, false),
            (None, None, Some(1), false),
        ] {
            let filter = AliasFilter { search, kind, place };
            assert_eq!(filter.matches(&alias), matches, "{filter:?}");
        }
    }
}
