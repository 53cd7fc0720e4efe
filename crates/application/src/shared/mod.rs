//! What several contexts' use cases share.

mod actor;
mod answers;

pub use actor::Actor;
pub use answers::{AnswerCache, Answers, NoAnswers, ReadyAnswer};
