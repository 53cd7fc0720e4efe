use std::time::Duration;

use async_trait::async_trait;
use haat_domain::job::Lane;
use haat_domain::shared::StorageFailure;

/// Work on the rows of a table that have a state and a due time of their own: the same small step for many rows, often. Not a job for
/// each row, because a job costs several statements and is stored.
#[async_trait]
pub trait Drain: Send + Sync {
    /// Returns the name in metrics and logs.
    fn name(&self) -> &'static str;

    /// Returns the lane whose polling interval and time limit apply.
    fn lane(&self) -> Lane;

    /// Claims at most `batch` due rows, with `SKIP LOCKED`, and does their work. Each process calls it, but never twice at once.
    async fn drain(&self, batch: u16) -> Result<Drained, StorageFailure>;
}

/// The result of [`Drain::drain`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    /// The number of rows done.
    pub done: u16,
    /// True if more rows are due.
    pub more: bool,
    /// The time until the next row is due, if it is known.
    pub next_due: Option<Duration>,
}
