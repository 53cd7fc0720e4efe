use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use haat_domain::activity::Tally;
use haat_domain::shared::{TenantId, UserId};

/// The length of the periods that are counted apart, in seconds. A day starts with a quarter of an hour in every time zone, so
/// no period belongs to two days.
const QUARTER: i64 = 900;

/// Counts of users, by quarter of an hour. An event of a user who has been counted in the same quarter allocates nothing.
#[derive(Debug, Default)]
pub struct Counts(HashMap<(TenantId, UserId, i64), Tally>);

impl Counts {
    /// Counts a request that has been answered. `is_change` is true if it succeeded and may have changed data.
    pub fn request(&mut self, tenant: TenantId, user: UserId, is_change: bool, at: DateTime<Utc>) {
        self.add(&Tally { requests: 1, changes: i64::from(is_change), ..none(tenant, user, at) });
    }

    /// Counts a login.
    pub fn login(&mut self, tenant: TenantId, user: UserId, at: DateTime<Utc>) {
        self.add(&Tally { logins: 1, ..none(tenant, user, at) });
    }

    /// Adds a tally of one quarter.
    pub(super) fn add(&mut self, tally: &Tally) {
        let quarter = tally.first_at.timestamp().div_euclid(QUARTER);
        match self.0.entry((tally.tenant, tally.user, quarter)) {
            Entry::Vacant(entry) => {
                entry.insert(*tally);
            }
            Entry::Occupied(mut entry) => {
                let sum = entry.get_mut();
                sum.requests += tally.requests;
                sum.changes += tally.changes;
                sum.logins += tally.logins;
                sum.first_at = sum.first_at.min(tally.first_at);
                sum.last_at = sum.last_at.max(tally.last_at);
            }
        }
    }

    /// Returns the tallies and removes them; the memory stays reserved for the next ones.
    pub fn take(&mut self) -> Vec<Tally> {
        self.0.drain().map(|(_, tally)| tally).collect()
    }

    /// Returns the number of tallies.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

const fn none(tenant: TenantId, user: UserId, at: DateTime<Utc>) -> Tally {
    Tally { tenant, user, requests: 0, changes: 0, logins: 0, first_at: at, last_at: at }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::testing::{actor, noon};

    #[test]
    fn counts_each_user_and_quarter_apart() {
        let (tenant, user, other) = (actor().tenant, actor().user, UserId::new(8));
        let start = DateTime::from_timestamp(noon().timestamp().div_euclid(QUARTER) * QUARTER, 0).unwrap();
        let end = start + TimeDelta::seconds(QUARTER - 1);
        let mut counts = Counts::default();
        counts.login(tenant, user, start);
        counts.request(tenant, user, false, end);
        counts.request(tenant, user, true, end - TimeDelta::seconds(1));
        counts.request(tenant, user, true, end + TimeDelta::seconds(1));
        counts.request(tenant, other, false, start);
        counts.request(TenantId::new(2), user, false, start);
        let mut tallies = counts.take();
        tallies.sort_by_key(|tally| (tally.tenant, tally.user, tally.first_at));
        let numbers: Vec<_> = tallies.iter().map(|t| (t.requests, t.changes, t.logins)).collect();
        assert_eq!(numbers, [(2, 1, 1), (1, 1, 0), (1, 0, 0), (1, 0, 0)]);
        assert_eq!((tallies[0].first_at, tallies[0].last_at), (start, end));
        assert!(counts.take().is_empty());
    }
}
