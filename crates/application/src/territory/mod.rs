//! Reading and changing the sales map.

mod aliases;
mod audit;
mod places;
mod refusals;

use std::sync::Arc;

pub use aliases::{CreatePlaceAlias, PlaceAliases};
pub use places::{CreatePlace, ListPlaces, ListPlacesError, Places};
pub(crate) use refusals::unknown as unknown_place;

use crate::shared::ResponseCache;

/// The use cases behind the HTTP routes.
pub struct TerritoryUseCases {
    /// The places.
    pub places: Places,
    /// The aliases of places.
    pub aliases: PlaceAliases,
    /// The cache of encoded responses.
    pub response_cache: Arc<dyn ResponseCache>,
}
