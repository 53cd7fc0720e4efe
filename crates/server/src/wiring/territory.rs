use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::territory::{PlaceAliases, Places, TerritoryUseCases};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of the sales map.
pub(crate) fn territory(storage: &Storage) -> TerritoryUseCases {
    let Storage { db, maps, responses, .. } = storage;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    TerritoryUseCases {
        places: Places::new(maps.clone(), changes.clone()),
        aliases: PlaceAliases::new(maps.clone(), changes),
        response_cache: responses.clone(),
    }
}
