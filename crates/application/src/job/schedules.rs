use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::job::{Dedupe, Enqueued, Job, JobArgs, NewJob};
use haat_domain::schedule::{
    ParsedSchedule, Schedule, ScheduleScope, ScheduleState, ScheduleStore, ScheduleTx, Schedules, overlap_key,
};
use haat_domain::shared::{StorageFailure, TenantId, TimeZone};

use super::codes;
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, ManageJobs, ReadJobs, Refusal, Refused, Rendered,
    WriteOptions,
};

/// A schedule with its declaration and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSchedule {
    /// The declaration.
    pub schedule: &'static Schedule,
    /// The state.
    pub state: ScheduleState,
    /// The time zone of the cron expression.
    pub zone: TimeZone,
    /// The next slot; `None` if the schedule is paused.
    pub next_slot: Option<DateTime<Utc>>,
}

/// Shows the schedules of a tenant, pauses them and runs them out of turn.
pub struct ManageSchedules {
    store: Arc<dyn ScheduleStore>,
    schedules: Arc<Schedules>,
    changes: Changes<dyn ScheduleTx>,
}

/// Reasons why a schedule was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleChangeError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The previous job of the schedule has not ended.
    #[error("the previous job has not ended")]
    Running,
}

impl From<StorageFailure> for ScheduleChangeError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

impl Refusal for ScheduleChangeError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Running => Refused::new(&codes::JOB_STATE).detail(
                "The previous job of this schedule has not ended.",
                "এই সময়সূচির আগের কাজটি এখনও শেষ হয়নি।",
            ),
        }
    }
}

impl ManageSchedules {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        store: Arc<dyn ScheduleStore>,
        schedules: Arc<Schedules>,
        changes: Changes<dyn ScheduleTx>,
    ) -> Self {
        Self { store, schedules, changes }
    }

    /// Returns the schedules of the caller's tenant and those of the platform, by name.
    pub async fn list(&self, allowed: &Allowed<ReadJobs>) -> Result<Vec<ListedSchedule>, StorageFailure> {
        let states = self.store.list(allowed.tenant).await?;
        Ok(states
            .into_iter()
            .filter_map(|state| Some(listed(self.schedules.find(&state.name)?, state)))
            .collect())
    }

    /// Pauses or resumes a schedule, and returns it. Slots that passed during the pause are dropped.
    ///
    /// # Errors
    /// [`ScheduleChangeError`]. Nothing is changed on an error.
    pub async fn set_enabled(
        &self,
        allowed: &Allowed<ManageJobs>,
        name: &str,
        enabled: Option<bool>,
        options: &WriteOptions,
        render: impl FnOnce(&ListedSchedule) -> Rendered,
    ) -> Result<StoredResponse, ScheduleChangeError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let found = self.lock(tx, tenant, name).await?;
                options.check_version(found.state.version)?;
                let enabled = enabled.unwrap_or(found.state.enabled);
                if found.state.enabled == enabled {
                    return Ok(Audited::unchanged(found));
                }
                tx.schedules().set_enabled(tenant, found.schedule.name, enabled).await?;
                let change = AuditedChange {
                    action: AuditAction::ScheduleUpdate,
                    id: found.schedule.name.to_owned(),
                    before: Some(vec![("enabled", found.state.enabled.into())]),
                    after: Some(vec![("enabled", enabled.into())]),
                };
                Ok(Audited::new(self.lock(tx, tenant, name).await?, change))
            })
            .await
    }

    /// Adds a job of a schedule that is due now, and returns it. The job has no slot, and the next slot stays.
    ///
    /// # Errors
    /// [`ScheduleChangeError`]. Nothing is changed on an error.
    pub async fn run_now(
        &self,
        allowed: &Allowed<ManageJobs>,
        name: &str,
        options: &WriteOptions,
        render: impl FnOnce(&Job) -> Rendered,
    ) -> Result<StoredResponse, ScheduleChangeError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let schedule = self.lock(tx, tenant, name).await?.schedule;
                let job = NewJob {
                    dedupe: Some(Dedupe::ForbidOverlap(overlap_key(schedule.name))),
                    schedule: Some(schedule.name),
                    ..NewJob::new(tenant, schedule.kind, Some(allowed.user), JobArgs::new(), at)
                };
                let id = match tx.jobs().enqueue(&job).await? {
                    Enqueued::Created(id) => id,
                    Enqueued::Existing => return Err(ScheduleChangeError::Running),
                    Enqueued::LimitReached => return Err(ChangeError::JobLimitReached.into()),
                };
                tx.schedules().note_run(tenant, schedule.name, id).await?;
                let change = AuditedChange {
                    action: AuditAction::ScheduleRun,
                    id: schedule.name.to_owned(),
                    before: None,
                    after: Some(vec![("job", id.get().into())]),
                };
                let mut job = tx.jobs().lock(tenant, id).await?.ok_or(ChangeError::NotFound)?;
                job.args.clear();
                Ok(Audited::new(job, change))
            })
            .await
    }

    /// Locks a schedule of the tenant. Those of the platform are visible to all tenants, but only the platform changes them.
    async fn lock(
        &self,
        tx: &mut dyn ScheduleTx,
        tenant: TenantId,
        name: &str,
    ) -> Result<ListedSchedule, ChangeError> {
        let parsed = self.schedules.find(name).ok_or(ChangeError::NotFound)?;
        match tx.schedules().lock(tenant, name).await? {
            Some(state) => Ok(listed(parsed, state)),
            None if parsed.schedule().scope == ScheduleScope::Platform => Err(ChangeError::Forbidden),
            None => Err(ChangeError::NotFound),
        }
    }
}

fn listed(parsed: &ParsedSchedule, state: ScheduleState) -> ListedSchedule {
    let schedule = parsed.schedule();
    let zone = schedule.scope.zone(state.zone);
    let next_slot = state.enabled.then(|| parsed.next(zone, state.now)).flatten();
    ListedSchedule { schedule, state, zone, next_slot }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::job::{JobKind, Lane, MockJobWriter};
    use haat_domain::schedule::{MockScheduleStore, MockScheduleWriter, ScheduleWriter};

    use super::*;
    use crate::testing::{FakeTx, OneTx, admin, audits, changes, noon, response, view};

    view!(ScheduleTx, schedules: MockScheduleWriter as ScheduleWriter);

    static KIND: JobKind = JobKind::new("test", Lane::Standard);

    static NIGHTLY: Schedule = Schedule::new("test/nightly", &KIND, "30 1 * * *", ScheduleScope::Company);

    static SWEEP: Schedule = Schedule { name: "test/sweep", scope: ScheduleScope::Platform, ..NIGHTLY };

    fn state(enabled: bool) -> ScheduleState {
        ScheduleState {
            name: NIGHTLY.name.to_owned(),
            scope: ScheduleScope::Company,
            zone: TimeZone::DHAKA,
            enabled,
            last_slot: None,
            version: 3,
            last_job: None,
            now: noon(),
        }
    }

    /// Builds the use case with a company that has one schedule, which is enabled.
    fn company(
        expect: impl FnOnce(&mut MockScheduleWriter, &mut MockJobWriter),
        audited: Option<AuditAction>,
    ) -> (ManageSchedules, Arc<std::sync::atomic::AtomicBool>) {
        let (mut schedules, mut jobs) = (MockScheduleWriter::new(), MockJobWriter::new());
        schedules.expect_lock().returning(|_, name| Ok((name == NIGHTLY.name).then(|| state(true))));
        expect(&mut schedules, &mut jobs);
        let tx = OneTx::new(FakeTx::of(schedules).with_jobs(jobs).with_audit(audits(audited)));
        let committed = tx.committed();
        let declared = Arc::new(Schedules::new(&[&NIGHTLY, &SWEEP]).unwrap());
        (ManageSchedules::new(Arc::new(MockScheduleStore::new()), declared, changes(tx)), committed)
    }

    async fn set(name: &str, enabled: Option<bool>, written: bool) -> (Option<ScheduleChangeError>, bool) {
        let expect = |schedules: &mut MockScheduleWriter, _: &mut MockJobWriter| {
            schedules.expect_set_enabled().times(usize::from(written)).returning(|_, _, _| Ok(()));
        };
        let (manage, committed) = company(expect, written.then_some(AuditAction::ScheduleUpdate));
        let allowed = Allowed::check(admin()).unwrap();
        let result = manage.set_enabled(&allowed, name, enabled, &WriteOptions::default(), response).await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    async fn run(name: &str, enqueued: Enqueued) -> (Option<ScheduleChangeError>, bool) {
        let created = matches!(enqueued, Enqueued::Created(_));
        let expect = |schedules: &mut MockScheduleWriter, jobs: &mut MockJobWriter| {
            jobs.expect_enqueue().returning(move |job| {
                assert_eq!(job.dedupe, Some(Dedupe::ForbidOverlap("schedule:test/nightly".to_owned())));
                Ok(enqueued)
            });
            jobs.expect_lock().returning(|_, _| Ok(None));
            schedules.expect_note_run().times(usize::from(created)).returning(|_, _, _| Ok(()));
        };
        let (manage, committed) = company(expect, None);
        let allowed = Allowed::check(admin()).unwrap();
        let result = manage.run_now(&allowed, name, &WriteOptions::default(), response).await;
        (result.err(), committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_company_changes_only_its_own_schedules() {
        assert_eq!(set(NIGHTLY.name, Some(false), true).await, (None, true));
        for unchanged in [None, Some(true)] {
            assert_eq!(set(NIGHTLY.name, unchanged, false).await, (None, true));
        }
        let forbidden = (Some(ChangeError::Forbidden.into()), false);
        assert_eq!(set(SWEEP.name, Some(false), false).await, forbidden);
        assert_eq!(
            set("test/unknown", Some(false), false).await,
            (Some(ChangeError::NotFound.into()), false)
        );
        assert_eq!(run(SWEEP.name, Enqueued::Existing).await, forbidden);
    }

    #[tokio::test]
    async fn a_schedule_does_not_run_twice_at_once() {
        assert_eq!(run(NIGHTLY.name, Enqueued::Existing).await, (Some(ScheduleChangeError::Running), false));
        let limit = Some(ChangeError::JobLimitReached.into());
        assert_eq!(run(NIGHTLY.name, Enqueued::LimitReached).await, (limit, false));
    }

    #[tokio::test]
    async fn the_next_slot_is_that_of_the_time_zone() {
        let listed = |schedule: &'static Schedule, enabled| {
            let mut store = MockScheduleStore::new();
            let state = ScheduleState { name: schedule.name.to_owned(), ..state(enabled) };
            store.expect_list().return_once(move |_| Ok(vec![state]));
            let tx = OneTx::new(FakeTx::of(MockScheduleWriter::new()));
            let declared = Arc::new(Schedules::new(&[&NIGHTLY, &SWEEP]).unwrap());
            let manage = ManageSchedules::new(Arc::new(store), declared, changes(tx));
            async move {
                let listed = manage.list(&Allowed::check(admin()).unwrap()).await.unwrap().remove(0);
                listed.next_slot.map(|slot| slot.to_rfc3339())
            }
        };
        let next = noon().date_naive().succ_opt().unwrap();
        // 01:30 in Dhaka is 19:30 in UTC.
        let in_dhaka = format!("{}T19:30:00+00:00", noon().date_naive());
        assert_eq!(listed(&NIGHTLY, true).await, Some(in_dhaka));
        assert_eq!(listed(&SWEEP, true).await, Some(format!("{next}T01:30:00+00:00")));
        assert_eq!(listed(&NIGHTLY, false).await, None);
    }
}
