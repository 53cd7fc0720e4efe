use std::sync::Arc;

use haat_application::retailer::office::{
    CreateRetailer, DeleteRetailer, EditRetailer, ExportRetailers, GetPoolRetailer, ListPool,
    OfficeRetailerApi, PoolSource, RestoreRetailer,
};
use haat_application::retailer::{GetRetailer, ListRepRetailers, ListRetailers, RetailerApi, UpdateRetailer};

use super::Storage;
use crate::system::SystemClock;

/// The use cases of shops.
pub(crate) fn retailer(storage: &Storage) -> RetailerApi {
    let Storage { db, retailers, maps, answers, .. } = storage;
    RetailerApi {
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
        answers: answers.clone(),
    }
}

/// The use cases of shops for the office.
pub(crate) fn office_retailer(storage: &Storage) -> OfficeRetailerApi {
    let Storage { db, retailers, maps, .. } = storage;
    let source = PoolSource { maps: maps.clone(), users: db.clone() };
    let clock = || Arc::new(SystemClock);
    OfficeRetailerApi {
        list: ListPool::new(source.clone(), retailers.clone(), db.clone()),
        export: ExportRetailers::new(source, db.clone(), clock()),
        get: GetPoolRetailer::new(db.clone(), maps.clone()),
        create: CreateRetailer::new(db.clone(), maps.clone(), clock()),
        edit: EditRetailer::new(db.clone(), maps.clone(), clock()),
        delete: DeleteRetailer::new(db.clone(), maps.clone(), clock()),
        restore: RestoreRetailer::new(db.clone(), maps.clone(), clock()),
    }
}
