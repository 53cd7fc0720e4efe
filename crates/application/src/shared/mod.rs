//! What several contexts' use cases share.

mod actor;
mod answers;
mod change;
mod csv_rows;
mod done;
mod permission;
mod user_ref;

pub use actor::Actor;
pub use answers::{AnswerCache, Answers, NoAnswers, ReadyAnswer};
pub(crate) use change::{Begun, Changed, begin, finish};
pub use change::{Change, ChangeError};
pub(crate) use csv_rows::{Cells, CsvError, CsvRows};
pub(crate) use done::before;
pub use done::{Done, OnceError};
pub use permission::Permission;
pub use user_ref::UserRef;
