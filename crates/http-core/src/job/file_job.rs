use haat_domain::job::{Job, JobState};

use super::state_word;

/// The result of a job that processes a file, by its numbers.
pub struct FileJob<'a> {
    job: &'a Job,
    /// True if something changed although rows failed.
    changes: bool,
}

impl<'a> FileJob<'a> {
    /// Reads the result. `changes` are the numbers that are not 0 if something changed.
    #[must_use]
    pub fn of(job: &'a Job, changes: &[&str]) -> Self {
        let mut result = Self { job, changes: false };
        result.changes = changes.iter().any(|name| result.number(name) > 0);
        result
    }

    /// Returns a number of the result; 0 until the job has succeeded.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.job.result.get(name).copied().unwrap_or_default()
    }

    /// Returns true if the rows have been processed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.job.state == JobState::Succeeded
    }

    /// Returns true if something changed.
    #[must_use]
    pub const fn changes(&self) -> bool {
        self.changes
    }

    /// Returns the number of rows read so far.
    #[must_use]
    pub fn read(&self) -> i64 {
        let progress = || self.job.progress.get("rows").copied().unwrap_or_default();
        if self.is_done() { self.number("rows") } else { progress() }
    }

    /// Returns the word for the state. A job whose rows all failed has failed, unless a part of a row was applied.
    #[must_use]
    pub fn state(&self) -> &'static str {
        if self.all_failed() { "FAILED" } else { state_word(self.job.state, self.number("failed") > 0) }
    }

    /// Returns the code of the reason why nothing was changed.
    #[must_use]
    pub fn failure(&self) -> Option<&'a str> {
        if self.all_failed() { Some("rows-failed") } else { self.job.failure.as_deref() }
    }

    fn all_failed(&self) -> bool {
        let failed = self.number("failed");
        self.is_done() && !self.changes && failed > 0 && failed == self.number("rows")
    }
}
