use std::sync::Arc;

use haat_application::retailer::{GetRetailer, ListRetailers, RetailerApi};
use haat_persistence_adapter::PgDatabase;

/// The use cases of shops.
pub(crate) fn retailer(db: &PgDatabase) -> RetailerApi {
    let db = Arc::new(db.clone());
    RetailerApi { list: ListRetailers::new(db.clone(), db.clone()), get: GetRetailer::new(db.clone(), db) }
}
