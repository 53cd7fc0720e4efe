//! A retailer is a shop: where it is, who delivers, and what the sales representative knows of it.

mod book;
mod model;
mod office;
mod patch;
mod ports;
mod query;
mod search_key;
mod search_text;
mod values;

pub use book::RetailerBook;
pub use model::Retailer;
pub use office::{
    AddedRetailer, NewRetailer, OfficeRetailer, Place, RetailerEdit, Revision, ServingRep, ShopName,
};
pub use patch::{Notes, PatchRetailer, Patched, Points, PointsError, RetailerPatch, Routes, RoutesError};
pub use ports::{
    OfficeRetailerReader, OfficeRetailerTx, OfficeRetailerWriter, RetailerExporter, RetailerPatcher,
    RetailerReader, RetailerTx, RetailerWriter,
};
pub use query::{RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerSortField, Service};
pub use search_key::{fold, search_key};
pub use search_text::{SearchText, SearchTextError};
pub use values::{RetailerUid, RetailerUidError};

#[cfg(feature = "mock")]
pub use ports::{
    MockOfficeRetailerReader, MockOfficeRetailerWriter, MockRetailerExporter, MockRetailerPatcher,
    MockRetailerReader, MockRetailerWriter,
};
