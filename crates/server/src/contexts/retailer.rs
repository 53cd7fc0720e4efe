use std::sync::Arc;

use haat_application::retailer::{RetailerUseCases, Retailers, UpdateRetailer};
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::retailer::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(retailer(parts.storage))
}

/// The use cases of retailers.
fn retailer(storage: &Storage) -> RetailerUseCases {
    let Storage { db, org, retailers, maps, responses, .. } = storage;
    RetailerUseCases {
        retailers: Retailers::new(retailers.clone(), maps.clone(), org.clone(), storage.scopes()),
        update: UpdateRetailer::new(
            db.clone(),
            db.clone(),
            retailers.clone(),
            maps.clone(),
            storage.scopes(),
            Arc::new(SystemClock),
        ),
        response_cache: responses.clone(),
    }
}
