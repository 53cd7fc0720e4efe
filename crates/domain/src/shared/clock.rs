use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The current time. A port, so that tests can control it.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Generates identifiers. A port, so that tests can predict them.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// Returns a new, time-ordered identifier (`UUIDv7`, RFC 9562 section 5.7).
    fn next(&self) -> Uuid;
}
