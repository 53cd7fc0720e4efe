//! Types and helpers shared by the use cases of several contexts.

mod actor;
mod allowed;
mod audited;
mod change;
mod change_error;
mod changes;
pub mod codes;
mod column_names;
mod csv_rows;
mod cursor_key;
mod idempotent;
mod permission;
mod place_selection;
mod refs;
mod refusal;
mod rendered;
mod response_cache;
mod scopes;
mod text_decoder;
mod upload;
mod write_options;

pub use crate::problem_codes;
pub use actor::Actor;
pub use allowed::{Allowed, Forbidden};
pub(crate) use audited::{Audited, AuditedChange};
pub(crate) use change::{Started, begin, begin_as};
pub use change_error::{ChangeError, ReadError, References};
pub use changes::Changes;
pub(crate) use column_names::{
    EMPLOYEE_CODE_NAMES, PHONE_NAMES, UID_NAMES, column_key, column_positions, is_placeholder, shortened,
};
pub(crate) use csv_rows::{CsvError, CsvRows, Record};
pub use cursor_key::{CursorKey, stored_text, stored_time};
pub use idempotent::IdempotencyError;
pub(crate) use idempotent::before;
pub use permission::*;
pub use place_selection::AmbiguousPlace;
pub(crate) use place_selection::{PlaceIds, PlaceSelectors};
pub use refs::{PlaceSelector, UserSelector};
pub use refusal::{FieldError, ProblemCode, Refusal, Refused, Text};
pub use rendered::{RenderError, Rendered};
pub use response_cache::{CacheLookup, EncodedResponse, NoCache, ResponseCache};
pub use scopes::Scopes;
pub(crate) use text_decoder::NotText;
pub use upload::Upload;
pub(crate) use upload::remove_unneeded;
pub use write_options::WriteOptions;
