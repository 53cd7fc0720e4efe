use std::sync::Arc;

use haat_application::territory::{
    CreatePlace, CreatePlaceAlias, DeletePlace, DeletePlaceAlias, GetPlace, ListPlaceAliases, ListPlaces,
    TerritoryUseCases, UpdatePlace,
};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of the sales map.
pub(crate) fn territory(storage: &Storage) -> TerritoryUseCases {
    let Storage { db, maps, responses, .. } = storage;
    TerritoryUseCases {
        list: ListPlaces::new(maps.clone()),
        get: GetPlace::new(maps.clone()),
        create: CreatePlace::new(db.clone(), Arc::new(SystemClock)),
        update: UpdatePlace::new(db.clone(), Arc::new(SystemClock)),
        delete: DeletePlace::new(db.clone(), Arc::new(SystemClock)),
        list_aliases: ListPlaceAliases::new(maps.clone()),
        create_alias: CreatePlaceAlias::new(db.clone(), Arc::new(SystemClock)),
        delete_alias: DeletePlaceAlias::new(db.clone(), Arc::new(SystemClock)),
        response_cache: responses.clone(),
    }
}
