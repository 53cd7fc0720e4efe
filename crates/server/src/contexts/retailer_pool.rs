use std::sync::Arc;

use haat_application::retailer::pool::{
    ExportRetailers, ListPool, PoolRetailerUseCases, PoolRetailers, PoolSource,
};
use haat_application::shared::{Changes, Scopes};
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

/// The use cases of retailers in the pool.
fn pool_retailer(storage: &Storage) -> PoolRetailerUseCases {
    let Storage { db, retailers, maps, .. } = storage;
    let source = PoolSource { maps: maps.clone(), users: db.clone(), scopes: Scopes::new(maps.clone()) };
    let changes = Changes::new(db.clone(), Arc::new(SystemClock));
    PoolRetailerUseCases {
        list: ListPool::new(source.clone(), retailers.clone(), db.clone()),
        export: ExportRetailers::new(source, db.clone(), Arc::new(SystemClock)),
        retailers: PoolRetailers::new(db.clone(), maps.clone(), Scopes::new(maps.clone()), changes),
    }
}
