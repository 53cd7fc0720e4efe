//! The sales map: a region holds areas, an area holds territories; a distributor delivers.

mod ports;
mod sales_map;

pub use ports::SalesMapReader;
pub use sales_map::{Places, SalesMap};

#[cfg(feature = "mock")]
pub use ports::MockSalesMapReader;
