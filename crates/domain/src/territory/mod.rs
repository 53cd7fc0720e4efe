//! The sales map: a region holds areas, an area holds territories; a distributor delivers.

mod alias;
mod model;
mod places;
mod ports;
mod sales_map;
mod values;

pub use alias::{AliasFilter, AliasedKind, AliasedKindError, NewPlaceAlias, PlaceAlias};
pub use model::{Above, Located, Named, NewPlace, Place, PlaceChange, PlaceKey, PlaceUses};
pub use places::Places;
pub use ports::{PlaceWriter, SalesMapReader, TerritoryTx};
pub use sales_map::{PlaceFilter, SalesMap};
pub use values::{PlaceKind, PlaceName};

#[cfg(feature = "mock")]
pub use ports::{MockPlaceWriter, MockSalesMapReader};
