use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The time of day. A port, so that tests decide what time it is.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The present instant, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Where new identifiers come from. A port, so that tests can foresee them.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// A new identifier whose order follows time (`UUIDv7`, RFC 9562 section 5.7).
    fn next(&self) -> Uuid;
}
