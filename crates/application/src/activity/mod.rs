//! The activity of users: counting requests, and reading the sums.

mod counts;
mod read;
mod record;

pub use counts::Counts;
pub use read::{Activity, ActivityRows, ListActivity, ReportedActivity};
pub use record::RecordActivity;

/// The use cases of the HTTP API.
pub struct ActivityUseCases {
    /// Reads activity.
    pub activity: Activity,
}
