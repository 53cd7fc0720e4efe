//! Types and helpers shared by the use cases of several contexts.

mod actor;
mod change;
mod csv_rows;
mod idempotent;
mod permission;
mod response_cache;
mod text_decoder;
mod upload;
mod user_ref;

pub use actor::Actor;
pub(crate) use change::{AuditedChange, Started, begin, close, finish};
pub use change::{ChangeError, WriteOptions};
pub(crate) use csv_rows::{CsvError, CsvRows, Record};
pub(crate) use idempotent::before;
pub use idempotent::{IdempotencyError, Idempotent};
pub use permission::Permission;
pub use response_cache::{CacheLookup, EncodedResponse, NoCache, ResponseCache};
pub(crate) use text_decoder::NotText;
pub use upload::Upload;
pub(crate) use upload::remove_unneeded;
pub use user_ref::UserSelector;
