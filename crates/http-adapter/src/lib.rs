//! The use cases over HTTP. An endpoint is a file; a context is a folder with its DTOs and one exhaustive mapping of
//! its errors to problems. [`serve`] runs them all, [`openapi`] describes them all, from the same list.

mod assignment;
mod audit;
mod identity;
mod import;
mod operations;
mod retailer;
mod serve;
mod shared;
mod territory;

pub use serve::{Apis, HttpSettings, openapi, serve};
pub use shared::RateLimit;
