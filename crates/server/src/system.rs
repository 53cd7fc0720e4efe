use chrono::{DateTime, Utc};
use haat_domain::shared::{Clock, IdGenerator};
use uuid::Uuid;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the port meets the machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Identifiers from the clock and the operating system's randomness.
pub(crate) struct SystemIds;

impl IdGenerator for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place where the port meets the machine")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
