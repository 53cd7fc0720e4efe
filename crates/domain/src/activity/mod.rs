//! The activity of users: counts of requests, changes and logins by user and day, and never what was read.

mod model;
mod ports;

pub use model::{
    ActivityFilter, ActivityGroup, ActivityKey, ActivityScope, ActivitySum, ActivityTotals, DayRange,
    DayRangeError, Grouping, Tally,
};
pub use ports::{ActivityReader, ActivityWriter, UserActivity};

#[cfg(feature = "mock")]
pub use ports::{MockActivityReader, MockActivityWriter};
