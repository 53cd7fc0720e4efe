use std::sync::Arc;

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
