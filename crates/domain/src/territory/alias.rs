use std::sync::Arc;

use super::{Named, PlaceKey, PlaceKind, PlaceName};
use crate::retailer::{SearchText, fold};
use crate::shared::TenantId;

/// A kind of place that has other spellings: of a distributor none are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AliasedKind(PlaceKind);

impl AliasedKind {
    /// Parses its word.
    ///
    /// # Errors
    /// [`AliasedKindError`] when it is none.
    pub fn parse(word: &str) -> Result<Self, AliasedKindError> {
        let kinds = [PlaceKind::Region, PlaceKind::Area, PlaceKind::Territory];
        kinds.into_iter().find(|kind| kind.as_str() == word).map(Self).ok_or(AliasedKindError)
    }

    /// The kind of place.
    #[must_use]
    pub const fn get(self) -> PlaceKind {
        self.0
    }
}

/// The word is no kind of place that has other spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be region, area or territory")]
pub struct AliasedKindError;

/// An older or other spelling of a place, by which it is found too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceAlias {
    /// Its id.
    pub id: i64,
    /// What the place is.
    pub kind: AliasedKind,
    /// The place.
    pub place: Named,
    /// The spelling.
    pub alias: Arc<str>,
}

impl PlaceAlias {
    /// Where it stands in a list.
    #[must_use]
    pub fn key(&self) -> PlaceKey {
        PlaceKey { name: self.alias.clone(), id: self.id }
    }
}

/// A spelling to be added to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlaceAlias {
    /// Whose map.
    pub tenant: TenantId,
    /// What the place is.
    pub kind: AliasedKind,
    /// The place's id.
    pub place: i64,
    /// The spelling.
    pub alias: PlaceName,
}

/// What a list of spellings is narrowed down to; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AliasFilter {
    /// A part of the spelling or of the name of its place.
    pub search: Option<SearchText>,
    /// Of this kind of place.
    pub kind: Option<AliasedKind>,
    /// Of the places of this id.
    pub place: Option<i64>,
}

impl AliasFilter {
    /// Whether a spelling passes, which is one of a place of this map.
    pub(super) fn holds(&self, alias: &PlaceAlias) -> bool {
        let found = |search: &SearchText| {
            [&alias.alias, &alias.place.name].into_iter().any(|name| search.is_in(&fold(name)))
        };
        self.kind.is_none_or(|kind| alias.kind == kind)
            && self.place.is_none_or(|place| alias.place.id == place)
            && self.search.as_ref().is_none_or(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distributor_has_no_other_spellings() {
        for kind in PlaceKind::ALL {
            let parsed = AliasedKind::parse(kind.as_str()).ok().map(AliasedKind::get);
            assert_eq!(parsed, (kind != PlaceKind::Distributor).then_some(kind));
        }
        assert_eq!(AliasedKind::parse("Region"), Err(AliasedKindError));
    }

    #[test]
    fn every_part_of_a_filter_must_hold() {
        let kind = |word| AliasedKind::parse(word).ok();
        let alias = PlaceAlias {
            id: 1,
            kind: kind("area").unwrap(),
            place: Named { id: 3, name: "Cumilla".into() },
            alias: "Comilla".into(),
        };
        let search = |text| SearchText::parse(text).ok();
        for (search, kind, place, holds) in [
            (None, None, None, true),
            (search("COMI"), kind("area"), Some(3), true),
            (search("cumi"), None, None, true),
            (search("dhaka"), None, None, false),
            (None, kind("region"), None, false),
            (None, None, Some(1), false),
        ] {
            let filter = AliasFilter { search, kind, place };
            assert_eq!(filter.holds(&alias), holds, "{filter:?}");
        }
    }
}
