use haat_application::retailer::{GetRetailer, ListRetailers, RetailerApi};

use super::Storage;

/// The use cases of shops.
pub(crate) fn retailer(storage: &Storage) -> RetailerApi {
    let (retailers, maps) = (&storage.retailers, &storage.maps);
    RetailerApi {
        list: ListRetailers::new(retailers.clone(), maps.clone()),
        get: GetRetailer::new(retailers.clone(), maps.clone()),
    }
}
