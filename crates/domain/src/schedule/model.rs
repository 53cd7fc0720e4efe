use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use croner::{Cron, Direction};

use crate::job::JobKind;
use crate::shared::{TenantId, TimeZone, words};

/// The owner of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleScope {
    /// The platform, once for all tenants, in UTC: sweeps by a due time.
    Platform,
    /// Each company, in its own time zone.
    Company,
}

words!(ScheduleScope { Platform = "platform", Company = "company" });

impl ScheduleScope {
    /// Returns the time zone of its cron expressions, for a tenant in this time zone.
    #[must_use]
    pub const fn zone(self, of_tenant: TimeZone) -> TimeZone {
        match self {
            Self::Platform => TimeZone::UTC,
            Self::Company => of_tenant,
        }
    }
}

/// The treatment of slots at which no process ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// One job for the latest slot does the work of all.
    Once,
    /// The same, but slots older than the grace period are dropped.
    Skip {
        /// The age up to which a slot is still useful.
        grace: Duration,
    },
}

/// A kind of job that runs at fixed times. Each planned moment is a slot.
#[derive(Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The name, `context/action`.
    pub name: &'static str,
    /// The kind of its jobs.
    pub kind: &'static JobKind,
    /// The cron expression, with five fields: minute, hour, day of the month, month, day of the week.
    pub cron: &'static str,
    /// The owner.
    pub scope: ScheduleScope,
    /// The treatment of missed slots.
    pub missed: Missed,
    /// The time over which the jobs of companies with the same slot are spread.
    pub spread: Duration,
}

impl Schedule {
    /// Returns a schedule whose missed slots become one job. The jobs of companies are spread over ten minutes.
    #[must_use]
    pub const fn new(
        name: &'static str,
        kind: &'static JobKind,
        cron: &'static str,
        scope: ScheduleScope,
    ) -> Self {
        let spread = match scope {
            ScheduleScope::Platform => Duration::ZERO,
            ScheduleScope::Company => Duration::from_mins(10),
        };
        Self { name, kind, cron, scope, missed: Missed::Once, spread }
    }
}

/// Returns the key that all jobs of a schedule have, so that they never run twice at once.
#[must_use]
pub fn overlap_key(schedule: &str) -> String {
    format!("schedule:{schedule}")
}

/// The slots that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSlots {
    /// The latest slot, for which a job is added.
    pub slot: Option<DateTime<Utc>>,
    /// The number of earlier slots whose work that job does, too.
    pub missed: i32,
    /// The number of slots that are dropped because they are too old.
    pub dropped: i32,
    /// The next slot. `None` if there is none.
    pub next: Option<DateTime<Utc>>,
}

/// The error for a schedule that is not declared correctly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("schedule {name}: {problem}")]
pub struct ScheduleError {
    name: &'static str,
    problem: String,
}

/// A schedule whose cron expression has been parsed.
#[derive(Debug, Clone)]
pub struct ParsedSchedule {
    schedule: &'static Schedule,
    cron: Cron,
}

/// The schedules that this version of the server has.
#[derive(Debug, Clone, Default)]
pub struct Schedules(Vec<ParsedSchedule>);

impl Schedules {
    /// Parses declared schedules.
    ///
    /// # Errors
    /// [`ScheduleError`] for a name that is used twice or does not begin with a context, and for a cron expression that cannot be
    /// parsed.
    pub fn new(declared: &[&'static Schedule]) -> Result<Self, ScheduleError> {
        let mut parsed: Vec<ParsedSchedule> = Vec::with_capacity(declared.len());
        for schedule in declared {
            let error = |problem: String| ScheduleError { name: schedule.name, problem };
            if parsed.iter().any(|other| other.schedule.name == schedule.name) {
                return Err(error("the name is used twice".to_owned()));
            }
            if schedule
                .name
                .split_once('/')
                .is_none_or(|(context, action)| context.is_empty() || action.is_empty())
            {
                return Err(error("the name must be context/action".to_owned()));
            }
            let cron = schedule
                .cron
                .parse()
                .map_err(|problem: croner::errors::CronError| error(problem.to_string()))?;
            if schedule.cron.split(' ').count() != 5 {
                return Err(error("the cron expression must have five fields".to_owned()));
            }
            parsed.push(ParsedSchedule { schedule, cron });
        }
        Ok(Self(parsed))
    }

    /// Returns all schedules.
    pub fn iter(&self) -> impl Iterator<Item = &'static Schedule> {
        self.0.iter().map(|parsed| parsed.schedule)
    }

    /// Finds a schedule.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ParsedSchedule> {
        self.0.iter().find(|parsed| parsed.schedule.name == name)
    }
}

impl ParsedSchedule {
    /// The number of slots that are counted one by one: a week of minutes.
    const COUNTED: usize = 10_080;

    /// Returns the declaration.
    #[must_use]
    pub const fn schedule(&self) -> &'static Schedule {
        self.schedule
    }

    /// Returns the slots after `decided` up to `now`, and the next one. Of more than a week of minutes, the counts are too low.
    #[must_use]
    pub fn due(&self, zone: TimeZone, decided: DateTime<Utc>, now: DateTime<Utc>) -> DueSlots {
        let oldest = match self.schedule.missed {
            Missed::Once => None,
            Missed::Skip { grace } => {
                TimeDelta::from_std(grace).ok().and_then(|grace| now.checked_sub_signed(grace))
            }
        };
        let mut due = DueSlots { slot: None, missed: 0, dropped: 0, next: self.next(zone, now) };
        for slot in slots_between(&self.cron, zone, decided, now).take(Self::COUNTED) {
            if oldest.is_some_and(|oldest| slot < oldest) {
                due.dropped += 1;
            } else if due.slot.replace(slot).is_some() {
                due.missed += 1;
            }
        }
        if due.slot.is_some() || due.dropped > 0 {
            // The last slot, if there were too many to go through.
            let last =
                self.cron.iter_from(zone.local(now), Direction::Backward).next().map(|slot| slot.to_utc());
            due.slot = last.filter(|last| oldest.is_none_or(|oldest| *last >= oldest));
        }
        due
    }

    /// Returns the first slot after a time.
    #[must_use]
    pub fn next(&self, zone: TimeZone, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.iter_after(zone.local(after)).next().map(|slot| slot.to_utc())
    }

    /// Returns the time at which the job of a slot is due: the jobs of many companies with the same slot are spread over
    /// 0.1 s for each company, but not over more than the schedule allows.
    #[must_use]
    pub fn run_at(&self, tenant: TenantId, slot: DateTime<Utc>, companies: u32) -> DateTime<Utc> {
        let spread = self.schedule.spread.min(SPREAD_PER_COMPANY * companies);
        let (step, spread) = (SPREAD_PER_COMPANY.as_millis(), spread.as_millis().max(1));
        let place = u128::from(tenant.get().unsigned_abs()) * step % spread;
        slot + TimeDelta::milliseconds(i64::try_from(place).unwrap_or_default())
    }
}

/// The time between the jobs of two companies with the same slot.
const SPREAD_PER_COMPANY: Duration = Duration::from_millis(100);

/// Returns the slots of a cron expression in a time zone, after one time up to another. Around changes of the clock, as in Vixie
/// cron: a fixed time in a missing hour is moved to the end of that hour, and a fixed time in a doubled hour comes once; an
/// expression for each hour or minute follows the clock, so that it has no slot in a missing hour and two in a doubled one.
pub fn slots_between(
    cron: &Cron,
    zone: TimeZone,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<Utc>> {
    cron.iter_after(zone.local(after)).map(|slot| slot.to_utc()).take_while(move |slot| *slot <= until)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Weekday};

    use super::*;
    use crate::job::Lane;

    static KIND: JobKind = JobKind::new("test", Lane::Standard);

    static HOURLY: Schedule = Schedule::new("test/hourly", &KIND, "0 * * * *", ScheduleScope::Company);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn parsed(schedule: &'static Schedule) -> ParsedSchedule {
        Schedules::new(&[schedule]).unwrap().find(schedule.name).unwrap().clone()
    }

    /// The minutes of two years, with the clock of the zone at each.
    fn minutes(zone: TimeZone) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
        let (mut minute, end) = (at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        let mut minutes = Vec::new();
        while minute < end {
            minute += TimeDelta::minutes(1);
            minutes.push((minute, zone.local(minute).naive_local()));
        }
        minutes
    }

    /// The slots of a daily time: the first minute of each day at which the clock has passed it.
    fn daily(minutes: &[(DateTime<Utc>, NaiveDateTime)], time: NaiveTime) -> Vec<(DateTime<Utc>, NaiveDate)> {
        let before = minutes[0].1 - TimeDelta::minutes(1);
        let mut last = if before.time() < time { before.date().pred_opt().unwrap() } else { before.date() };
        let mut slots = Vec::new();
        for (minute, local) in minutes {
            if local.date() > last && local.time() >= time {
                last = local.date();
                slots.push((*minute, last));
            }
        }
        slots
    }

    #[test]
    fn slots_of_two_years_are_those_of_the_clock() {
        for name in ["Asia/Dhaka", "Europe/London", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]
        {
            let zone = TimeZone::parse(name).unwrap();
            let found = |cron: &str| {
                let cron: Cron = cron.parse().unwrap();
                slots_between(&cron, zone, at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"))
                    .collect::<Vec<_>>()
            };
            let minutes = minutes(zone);
            let hourly: Vec<_> =
                minutes.iter().filter(|(_, local)| local.minute() == 17).map(|(at, _)| *at).collect();
            assert!(found("17 * * * *") == hourly, "{name}, each hour");
            for (hour, minute) in [(0, 0), (1, 30), (2, 15), (3, 0)] {
                let daily = daily(&minutes, NaiveTime::from_hms_opt(hour, minute, 0).unwrap());
                let days = |matches: fn(&NaiveDate) -> bool| {
                    daily.iter().filter(|(_, day)| matches(day)).map(|(at, _)| *at).collect::<Vec<_>>()
                };
                let cron = |days: &str| found(&format!("{minute} {hour} {days}"));
                assert!(cron("* * *") == days(|_| true), "{name}, daily at {hour}:{minute}");
                assert!(cron("1 * *") == days(|day| day.day() == 1), "{name}, monthly at {hour}:{minute}");
                assert!(
                    cron("* * SUN") == days(|day| day.weekday() == Weekday::Sun),
                    "{name}, on Sundays at {hour}:{minute}"
                );
            }
        }
    }

    #[test]
    fn one_job_does_the_work_of_missed_slots() {
        let schedule = parsed(&HOURLY);
        let due = |decided, now| schedule.due(TimeZone::UTC, at(decided), at(now));
        let next = Some(at("2026-11-30T17:00:00Z"));
        let nothing = DueSlots { slot: None, missed: 0, dropped: 0, next };
        assert_eq!(due("2026-11-30T16:00:00Z", "2026-11-30T16:59:59Z"), nothing);
        let five = DueSlots { slot: Some(at("2026-11-30T16:00:00Z")), missed: 4, ..nothing };
        assert_eq!(due("2026-11-30T11:30:00Z", "2026-11-30T16:00:00Z"), five);
        // A clock that went back makes no slot.
        assert_eq!(due("2026-11-30T18:00:00Z", "2026-11-30T16:30:00Z"), nothing);
    }

    #[test]
    fn slots_beyond_the_count_lead_to_the_latest_one() {
        static MINUTELY: Schedule = Schedule { cron: "* * * * *", ..HOURLY };
        let due =
            parsed(&MINUTELY).due(TimeZone::UTC, at("2024-11-30T16:00:00Z"), at("2026-11-30T16:00:30Z"));
        assert_eq!((due.slot, due.missed), (Some(at("2026-11-30T16:00:00Z")), 10_079));
    }

    #[test]
    fn old_slots_are_dropped_if_the_schedule_says_so() {
        static DAILY: Schedule = Schedule { cron: "0 11 * * *", ..SKIP };
        static SKIP: Schedule =
            Schedule { missed: Missed::Skip { grace: Duration::from_mins(90) }, ..HOURLY };
        let due = |now| parsed(&SKIP).due(TimeZone::UTC, at("2026-11-30T10:30:00Z"), at(now));
        let found = due("2026-11-30T16:15:00Z");
        assert_eq!((found.slot, found.missed, found.dropped), (Some(at("2026-11-30T16:00:00Z")), 1, 4));
        let found = parsed(&DAILY).due(TimeZone::UTC, at("2026-11-30T10:30:00Z"), at("2026-11-30T16:15:00Z"));
        assert_eq!((found.slot, found.missed, found.dropped), (None, 0, 1));
        assert_eq!(found.next, Some(at("2026-12-01T11:00:00Z")));
    }

    #[test]
    fn companies_are_spread() {
        let schedule = parsed(&HOURLY);
        let slot = at("2026-11-30T16:00:00Z");
        let delay = |tenant, companies| {
            (schedule.run_at(TenantId::new(tenant), slot, companies) - slot).num_milliseconds()
        };
        assert_eq!([1, 2, 3].map(|tenant| delay(tenant, 1)), [0, 0, 0]);
        assert_eq!([1, 2, 99, 100].map(|tenant| delay(tenant, 100)), [100, 200, 9_900, 0]);
        assert_eq!([5_999, 6_000, 6_001].map(|tenant| delay(tenant, 20_000)), [599_900, 0, 100]);
    }

    #[test]
    fn wrong_declarations_are_refused() {
        static BAD_CRON: Schedule = Schedule { cron: "0 25 * * *", ..HOURLY };
        static SECONDS: Schedule = Schedule { cron: "0 0 * * * *", ..HOURLY };
        static NO_CONTEXT: Schedule = Schedule { name: "hourly", ..HOURLY };
        for (declared, problem) in [
            (vec![&HOURLY, &HOURLY], "the name is used twice"),
            (vec![&NO_CONTEXT], "the name must be context/action"),
            (vec![&SECONDS], "the cron expression must have five fields"),
        ] {
            assert_eq!(Schedules::new(&declared).unwrap_err().problem, problem);
        }
        assert!(Schedules::new(&[&BAD_CRON]).is_err());
    }
}
