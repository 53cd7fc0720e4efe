use std::sync::Arc;

use haat_application::shared::Changes;
use haat_application::territory::{PlaceAliases, Places, TerritoryUseCases};
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::territory::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(territory(parts.storage))
}

/// The use cases of the sales map.
fn territory(storage: &Storage) -> TerritoryUseCases {
    let Storage { db, maps, responses, .. } = storage;
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    TerritoryUseCases {
        places: Places::new(maps.clone(), changes.clone()),
        aliases: PlaceAliases::new(maps.clone(), changes),
        response_cache: responses.clone(),
    }
}
