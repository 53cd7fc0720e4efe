use async_trait::async_trait;
use chrono::NaiveDate;

use super::{ActivityFilter, ActivityKey, ActivityScope, ActivitySum, ActivityTotals, DayRange, Tally};
use crate::shared::{Page, PageRequest, StorageFailure, TenantId, UserId};

/// Adds to the counts.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ActivityWriter: Send + Sync {
    /// Adds these tallies to the days of their users, in one statement, in the time zone of each tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] if nothing was added.
    async fn add(&self, tallies: &[Tally]) -> Result<(), StorageFailure>;
}

/// The activity of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserActivity {
    /// The user, with the sums of all days.
    pub sum: ActivitySum,
    /// The days with activity, the earliest first.
    pub days: Vec<(NaiveDate, ActivityTotals)>,
}

/// Reads the counts.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ActivityReader: Send + Sync {
    /// Returns a page of sums over the users in scope, in the order of their keys.
    async fn sums(
        &self,
        tenant: TenantId,
        scope: &ActivityScope,
        filter: &ActivityFilter,
        page: &PageRequest<ActivityKey>,
    ) -> Result<Page<ActivitySum, ActivityKey>, StorageFailure>;

    /// Returns the activity of a user, in one statement; `None` if the tenant has no such user.
    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        days: DayRange,
    ) -> Result<Option<UserActivity>, StorageFailure>;
}
