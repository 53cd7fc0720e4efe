//! What several contexts' use cases share.

mod actor;
mod answers;
mod done;
mod permission;

pub use actor::Actor;
pub use answers::{AnswerCache, Answers, NoAnswers, ReadyAnswer};
pub(crate) use done::before;
pub use done::{Done, OnceError};
pub use permission::Permission;
