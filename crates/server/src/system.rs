use chrono::{DateTime, Utc};
use haat_domain::shared::{Clock, IdGenerator};
use uuid::Uuid;

/// The system clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// UUIDs of version 7, from the clock and the operating system's random number generator.
pub(crate) struct SystemIds;

impl IdGenerator for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the only place that creates UUIDs")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
