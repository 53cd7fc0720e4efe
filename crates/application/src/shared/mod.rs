//! What several contexts' use cases share.

mod actor;
mod answers;
mod change;
mod csv_rows;
mod done;
mod permission;
mod text_decoder;
mod upload;
mod user_ref;

pub use actor::Actor;
pub use answers::{AnswerCache, Answers, NoAnswers, ReadyAnswer};
pub(crate) use change::{Begun, Changed, begin, close, finish};
pub use change::{Change, ChangeError};
pub(crate) use csv_rows::{CsvError, CsvRows, Record};
pub(crate) use done::before;
pub use done::{Done, OnceError};
pub use permission::Permission;
pub(crate) use text_decoder::NotText;
pub use upload::Upload;
pub(crate) use upload::forget_unneeded;
pub use user_ref::UserRef;
