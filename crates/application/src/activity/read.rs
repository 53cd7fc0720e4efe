use std::sync::Arc;

use chrono::NaiveDate;
use haat_domain::activity::{
    ActivityFilter, ActivityKey, ActivityReader, ActivityScope, ActivitySum, DayRange, Grouping, UserActivity,
};
use haat_domain::audit::{AuditFilter, AuditLine, AuditReader};
use haat_domain::auth::{Session, SessionReader};
use haat_domain::people::PersonReader;
use haat_domain::shared::{Clock, Page, PageRequest, StorageFailure, TimeZone, UserId};

use crate::shared::{Allowed, CursorKey, Permission, ReadActivity, ReadError};

/// A list of sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListActivity {
    /// The days; the last 30 if `None`.
    pub days: Option<DayRange>,
    /// The grouping of the sums.
    pub grouping: Grouping,
}

/// The activity of a user.
#[derive(Debug, PartialEq)]
pub struct ReportedActivity {
    /// The days.
    pub days: DayRange,
    /// The counts.
    pub activity: UserActivity,
    /// The rows behind the counts, for callers who may read the audit log: its entries have values of retailers that may be
    /// outside the scope of other callers.
    pub rows: Option<ActivityRows>,
}

/// The audit entries and the sessions of a user.
#[derive(Debug, PartialEq)]
pub struct ActivityRows {
    /// The last audit entries of the user on these days, the newest first; a page of the default size.
    pub entries: Vec<AuditLine>,
    /// The active sessions, the most recently used first.
    pub sessions: Vec<Session>,
}

/// Reads the activity of users.
pub struct Activity {
    reader: Arc<dyn ActivityReader>,
    people: Arc<dyn PersonReader>,
    audit: Arc<dyn AuditReader>,
    sessions: Arc<dyn SessionReader>,
    clock: Arc<dyn Clock>,
}

impl Activity {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        reader: Arc<dyn ActivityReader>,
        people: Arc<dyn PersonReader>,
        audit: Arc<dyn AuditReader>,
        sessions: Arc<dyn SessionReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reader, people, audit, sessions, clock }
    }

    /// Returns a page of sums over the users in the caller's scope.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub async fn list(
        &self,
        allowed: &Allowed<ReadActivity>,
        list: ListActivity,
        page: &PageRequest<ActivityKey>,
    ) -> Result<Page<ActivitySum, ActivityKey>, StorageFailure> {
        let filter = ActivityFilter { days: self.days(list.days), grouping: list.grouping };
        let scope = self.scope(allowed).await?;
        self.reader.sums(allowed.tenant, &scope, &filter, page).await
    }

    /// Returns the activity of a user on these days; on the last 30 if `None`.
    ///
    /// # Errors
    /// [`ReadError::NotFound`] for a user outside the scope.
    pub async fn of_user(
        &self,
        allowed: &Allowed<ReadActivity>,
        user: UserId,
        days: Option<DayRange>,
    ) -> Result<ReportedActivity, ReadError> {
        if !self.scope(allowed).await?.contains(user) {
            return Err(ReadError::NotFound);
        }
        let (tenant, days) = (allowed.tenant, self.days(days));
        let activity = self.reader.of_user(tenant, user, days).await?.ok_or(ReadError::NotFound)?;
        let rows = if allowed.may(Permission::ReadAudit) {
            let filter = AuditFilter {
                actor: Some(user),
                from: TimeZone::DHAKA.start_of_day(days.start()),
                to: days.end().succ_opt().and_then(|day| TimeZone::DHAKA.start_of_day(day)),
                ..AuditFilter::default()
            };
            let entries = self.audit.list(tenant, &filter, &PageRequest::default()).await?.rows;
            let sessions = self.sessions.of_user(tenant, user, self.clock.now()).await?;
            Some(ActivityRows { entries, sessions })
        } else {
            None
        };
        Ok(ReportedActivity { days, activity, rows })
    }

    /// Returns the users whose activity the caller may read. The one place that turns grants into this scope.
    async fn scope(&self, allowed: &Allowed<ReadActivity>) -> Result<ActivityScope, StorageFailure> {
        let targets = allowed.targets();
        if targets.all {
            return Ok(ActivityScope::All);
        }
        Ok(ActivityScope::Users(self.people.covered(allowed.tenant, &targets).await?))
    }

    fn days(&self, days: Option<DayRange>) -> DayRange {
        days.unwrap_or_else(|| DayRange::until(self.today()))
    }

    fn today(&self) -> NaiveDate {
        TimeZone::DHAKA.day_of(self.clock.now())
    }
}

impl CursorKey for ActivityKey {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.0
    }

    fn of(key: i64) -> Option<Self> {
        Some(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::activity::{ActivityGroup, ActivityTotals, MockActivityReader};
    use haat_domain::audit::MockAuditReader;
    use haat_domain::auth::{Grant, GrantTarget, Grants, MockSessionReader};
    use haat_domain::people::MockPersonReader;
    use haat_domain::shared::{MockClock, Role, TeamId};

    use super::*;
    use crate::shared::Actor;
    use crate::testing::{actor, admin, granted, noon};

    fn activity(reader: MockActivityReader, row_reads: usize) -> Activity {
        let mut audit = MockAuditReader::new();
        audit
            .expect_list()
            .withf(|tenant, filter, _| *tenant == admin().tenant && filter.actor == Some(UserId::new(7)))
            .times(row_reads)
            .returning(|_, _, _| Ok(Page { rows: Vec::new(), next: None }));
        let mut sessions = MockSessionReader::new();
        sessions.expect_of_user().times(row_reads).returning(|_, _, _| Ok(Vec::new()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let mut people = MockPersonReader::new();
        // The caller, and one member of each team, whose id is that of the team and 100.
        people.expect_covered().returning(|_, targets| {
            assert!(!targets.all);
            let members = targets.teams.iter().map(|team| UserId::new(team.get() + 100));
            Ok(targets.own.into_iter().chain(members).collect())
        });
        Activity::new(
            Arc::new(reader),
            Arc::new(people),
            Arc::new(audit),
            Arc::new(sessions),
            Arc::new(clock),
        )
    }

    fn found(user: UserId) -> UserActivity {
        let sum = ActivitySum {
            key: ActivityKey(user.get()),
            group: ActivityGroup::User(user, "sr00001".into(), "Rahim".into()),
            users: 1,
            totals: ActivityTotals::default(),
            last_session_at: None,
        };
        UserActivity { sum, days: Vec::new() }
    }

    /// The leader of team 3.
    fn leader() -> Actor {
        let grant = Grant::new(Role::TeamLeader, Some(GrantTarget::Team(TeamId::new(3))));
        Actor { grants: Grants::of(grant.into_iter().collect()), ..actor() }
    }

    fn allowed(actor: Actor) -> Allowed<ReadActivity> {
        Allowed::check(actor).unwrap_or_else(|_| unreachable!())
    }

    #[tokio::test]
    async fn lists_cover_the_scope_and_the_last_30_days() {
        for (actor, expected) in [
            (admin(), ActivityScope::All),
            (granted(&[Role::NationalManager]), ActivityScope::All),
            (actor(), ActivityScope::Users(vec![actor().user])),
            (leader(), ActivityScope::Users(vec![UserId::new(103)])),
        ] {
            let mut reader = MockActivityReader::new();
            reader
                .expect_sums()
                .withf(move |_, scope, filter, _| {
                    *scope == expected && filter.days == DayRange::until(TimeZone::DHAKA.day_of(noon()))
                })
                .times(1)
                .returning(|_, _, _, _| Ok(Page { rows: Vec::new(), next: None }));
            let page = PageRequest::default();
            let listed = activity(reader, 0).list(&allowed(actor), ListActivity::default(), &page).await;
            assert!(listed.is_ok());
        }
    }

    #[tokio::test]
    async fn only_readers_of_the_audit_log_get_rows() {
        for (actor, has_rows) in
            [(admin(), true), (granted(&[Role::NationalManager]), false), (actor(), false)]
        {
            let mut reader = MockActivityReader::new();
            reader.expect_of_user().times(1).returning(|_, user, _| Ok(Some(found(user))));
            let activity = activity(reader, usize::from(has_rows));
            let reported = activity.of_user(&allowed(actor), UserId::new(7), None).await.unwrap();
            assert_eq!(reported.rows.is_some(), has_rows);
        }
    }

    #[tokio::test]
    async fn users_outside_the_scope_are_not_found() {
        let outside = activity(MockActivityReader::new(), 0);
        let result = outside.of_user(&allowed(actor()), UserId::new(8), None).await;
        assert_eq!(result, Err(ReadError::NotFound));
        let mut reader = MockActivityReader::new();
        reader.expect_of_user().times(1).returning(|_, _, _| Ok(None));
        let result = activity(reader, 0).of_user(&allowed(admin()), UserId::new(8), None).await;
        assert_eq!(result, Err(ReadError::NotFound));
    }
}
