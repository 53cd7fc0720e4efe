use haat_domain::job::JobState;

/// Returns the word for the state of a job. A job that has succeeded but has rows with errors is `PARTIAL`.
pub(super) const fn state_word(state: JobState, rows_failed: bool) -> &'static str {
    match state {
        JobState::Queued => "QUEUED",
        JobState::Running => "RUNNING",
        JobState::Succeeded if rows_failed => "PARTIAL",
        JobState::Succeeded => "SUCCEEDED",
        JobState::Failed => "FAILED",
        JobState::Cancelled => "CANCELLED",
    }
}
