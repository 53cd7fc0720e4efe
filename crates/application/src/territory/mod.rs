//! Reading and changing the sales map. Each use case serves all four kinds of places.

mod audit;
mod create_place;
mod create_place_alias;
mod delete_place;
mod delete_place_alias;
mod get_place;
mod list_place_aliases;
mod list_places;
mod update_place;

use std::sync::Arc;

pub use create_place::{CreatePlace, CreatePlaceError, CreatePlaceInput};
pub use create_place_alias::{CreatePlaceAlias, CreatePlaceAliasError, CreatePlaceAliasInput};
pub use delete_place::{DeletePlace, DeletePlaceError, DeletePlaceInput};
pub use delete_place_alias::{DeletePlaceAlias, DeletePlaceAliasError};
pub use get_place::{GetPlace, GetPlaceError};
pub use list_place_aliases::{ListPlaceAliases, ListPlaceAliasesError};
pub use list_places::{ListPlaces, ListPlacesInput};
pub use update_place::{UpdatePlace, UpdatePlaceError, UpdatePlaceInput};

use crate::shared::ResponseCache;

/// The use cases behind the HTTP routes.
pub struct TerritoryUseCases {
    /// Lists of places, for all users and for those who manage the map.
    pub list: ListPlaces,
    /// `GET /admin/regions/{id}`, and so on.
    pub get: GetPlace,
    /// `POST /admin/regions`, and so on.
    pub create: CreatePlace,
    /// `PATCH` and `PUT /admin/regions/{id}`, and so on.
    pub update: UpdatePlace,
    /// `DELETE /admin/regions/{id}`, and so on.
    pub delete: DeletePlace,
    /// `GET /admin/place-aliases`.
    pub list_aliases: ListPlaceAliases,
    /// `POST /admin/place-aliases`.
    pub create_alias: CreatePlaceAlias,
    /// `DELETE /admin/place-aliases/{id}`.
    pub delete_alias: DeletePlaceAlias,
    /// The cache of encoded responses.
    pub response_cache: Arc<dyn ResponseCache>,
}
