//! The sales map: a region holds areas, an area holds territories; a distributor delivers.

mod model;

pub use model::Named;
