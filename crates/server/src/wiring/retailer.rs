use std::sync::Arc;

use haat_application::retailer::pool::{
    CreateRetailer, DeleteRetailer, ExportRetailers, GetPoolRetailer, ListPool, PoolRetailerUseCases,
    PoolSource, RestoreRetailer, UpdatePoolRetailer,
};
use haat_application::retailer::{
    GetRetailer, ListRepRetailers, ListRetailers, RetailerUseCases, UpdateRetailer,
};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of retailers.
pub(crate) fn retailer(storage: &Storage) -> RetailerUseCases {
    let Storage { db, retailers, maps, responses, .. } = storage;
    RetailerUseCases {
        list: ListRetailers::new(retailers.clone(), maps.clone()),
        list_of_rep: ListRepRetailers::new(db.clone(), ListRetailers::new(retailers.clone(), maps.clone())),
        get: GetRetailer::new(retailers.clone(), maps.clone()),
        update: UpdateRetailer::new(
            db.clone(),
            db.clone(),
            retailers.clone(),
            maps.clone(),
            Arc::new(SystemClock),
        ),
        response_cache: responses.clone(),
    }
}

/// The use cases of retailers in the pool.
pub(crate) fn pool_retailer(storage: &Storage) -> PoolRetailerUseCases {
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
