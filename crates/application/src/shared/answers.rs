use std::sync::Arc;

use super::Actor;

/// An answer as it goes out, made once and sent often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyAnswer {
    /// Names exactly these bytes.
    pub etag: String,
    /// How they are packed, in the word of HTTP; `None`: not at all.
    pub coding: Option<&'static str>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl ReadyAnswer {
    /// Bytes of memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.etag.len() + self.body.len()
    }
}

/// What is known of the answer to a question.
pub enum Answers {
    /// The answer, still true.
    Known(Arc<ReadyAnswer>),
    /// Nothing. Whoever makes it may leave it here; should anything it depends on change meanwhile, it will not be
    /// given to anybody.
    Unknown(Box<dyn FnOnce(Arc<ReadyAnswer>) + Send>),
    /// Answers like this one are not remembered, or not just now.
    Uncached,
}

/// Remembers answers to reads, ready to be sent, for as long as they are true.
pub trait AnswerCache: Send + Sync {
    /// What is known of the answer to this caller's question.
    fn of(&self, actor: &Actor, question: &str) -> Answers;
}

/// Remembers nothing.
pub struct NoAnswers;

impl AnswerCache for NoAnswers {
    fn of(&self, _: &Actor, _: &str) -> Answers {
        Answers::Uncached
    }
}
