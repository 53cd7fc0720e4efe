use std::sync::Arc;

use haat_application::retailer::pool::{
    ExportRetailers, ListPool, PoolRetailerUseCases, PoolRetailers, PoolSource,
};
use haat_application::shared::Changes;
use haat_http_core::{AppData, Context};

use super::Parts;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::retailer::pool::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(pool_retailer(parts.storage))
}

/// Builds the source of pool retailers for lists, exports and plans.
pub(super) fn source(storage: &Storage) -> PoolSource {
    let Storage { db, maps, .. } = storage;
    PoolSource { maps: maps.clone(), users: db.clone(), scopes: storage.scopes() }
}

/// The use cases of retailers in the pool.
fn pool_retailer(storage: &Storage) -> PoolRetailerUseCases {
    let Storage { db, retailers, maps, .. } = storage;
    let source = source(storage);
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    PoolRetailerUseCases {
        list: ListPool::new(source.clone(), retailers.clone(), db.clone()),
        export: ExportRetailers::new(source, db.clone(), Arc::new(SystemClock)),
        retailers: PoolRetailers::new(db.clone(), maps.clone(), storage.scopes(), changes),
    }
}
