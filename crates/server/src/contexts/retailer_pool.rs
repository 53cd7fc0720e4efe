use std::sync::Arc;

use haat_application::retailer::pool::{
    CreateRetailer, DeleteRetailer, ExportRetailers, GetPoolRetailer, ListPool, PoolRetailerUseCases,
    PoolSource, RestoreRetailer, UpdatePoolRetailer,
};
use haat_http_adapter::{AppData, Context};

use crate::system::SystemClock;
use crate::wiring::Storage;
use super::Parts;

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_adapter::retailer::pool::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    AppData::new(pool_retailer(parts.storage))
}

/// The use cases of retailers in the pool.
fn pool_retailer(storage: &Storage) -> PoolRetailerUseCases {
    let Storage { db, retailers, maps, .. } = storage;
    let source = PoolSource { maps: maps.clone(), users: db.clone() };
    let clock = || Arc::new(SystemClock);
    PoolRetailerUseCases {
        list: ListPool::new(source.clone(), retailers.clone(), db.clone()),
        export: ExportRetailers::new(source, db.clone(), clock()),
        get: GetPoolRetailer::new(db.clone(), maps.clone()),
        create: CreateRetailer::new(db.clone(), maps.clone(), clock()),
        edit: UpdatePoolRetailer::new(db.clone(), maps.clone(), clock()),
        delete: DeleteRetailer::new(db.clone(), maps.clone(), clock()),
        restore: RestoreRetailer::new(db.clone(), maps.clone(), clock()),
    }
}
