//! The sales map: a region contains areas, an area contains territories; distributors deliver to retailers.

mod alias;
mod model;
mod places;
mod ports;
mod sales_map;
mod sibling_names;
mod values;

pub use alias::{AliasFilter, AliasedKind, AliasedKindError, NewPlaceAlias, PlaceAlias};
pub use model::{
    Ancestors, NamedRef, NewPlace, Place, PlaceChange, PlaceKey, PlaceReferences, PlaceWithAncestors,
};
pub use places::{Named, Places};
pub use ports::{PlaceWriter, SalesMapReader, TerritoryTx};
pub use sales_map::{PlaceFilter, SalesMap};
pub use sibling_names::SiblingNames;
pub use values::{NameLanguage, PlaceKind, PlaceName};

#[cfg(feature = "mock")]
pub use ports::{MockPlaceWriter, MockSalesMapReader};
