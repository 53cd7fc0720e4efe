//! The ports of authentication.

mod readers;
mod secrets;
mod writers;

pub use readers::*;
pub use secrets::*;
pub use writers::*;
