//! What several contexts' use cases share.

mod actor;
mod answers;
mod done;

pub use actor::Actor;
pub use answers::{AnswerCache, Answers, NoAnswers, ReadyAnswer};
pub use done::{Done, OnceError};
