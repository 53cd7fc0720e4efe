use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::job::JobState;
use haat_domain::schedule::{
    Decision, DueSchedule, DueSchedules, LastJob, ScheduleScope, ScheduleState, ScheduleStore, ScheduleTx,
    ScheduleWriter, SlotJob, overlap_key,
};
use haat_domain::shared::{JobId, StorageFailure, TenantId, TimeZone};

use super::clock;
use crate::PgDatabase;
use crate::schema::schedules;
use crate::shared::{PgTx, inconsistent, statement};

statement! {
    /// Locks the schedules whose next slot has come.
    Due = "due_schedules.sql" -> (BigInt, Text, Text, Timestamptz, Timestamptz, BigInt) {
        names: Vec<&'static str> as Array<Text>,
        limit: i64 as BigInt,
    }
}

statement! {
    /// Records decisions about schedules and adds their jobs.
    Decide = "decide_schedules.sql" -> (BigInt, Bool) {
        now: DateTime<Utc> as Timestamptz,
        tenants: Vec<i64> as Array<BigInt>,
        names: Vec<&'static str> as Array<Text>,
        next: Vec<Option<DateTime<Utc>>> as Array<Nullable<Timestamptz>>,
        kinds: Vec<Option<&'static str>> as Array<Nullable<Text>>,
        lanes: Vec<Option<&'static str>> as Array<Nullable<Text>>,
        keys: Vec<Option<String>> as Array<Nullable<Text>>,
        slots: Vec<Option<DateTime<Utc>>> as Array<Nullable<Timestamptz>>,
        missed: Vec<Option<i32>> as Array<Nullable<Integer>>,
        due: Vec<Option<DateTime<Utc>>> as Array<Nullable<Timestamptz>>,
    }
}

statement! {
    /// Adds the rows of new schedules and new tenants.
    AddMissing = "add_schedules.sql" -> (Text,) {
        names: Vec<&'static str> as Array<Text>,
        of_platform: Vec<bool> as Array<Bool>,
    }
}

statement! {
    /// Lists schedules with their last jobs.
    List = "list_schedules.sql" -> (
        Text, Bool, Text, Bool, Nullable<Timestamptz>, BigInt, Timestamptz,
        Nullable<BigInt>, Nullable<Text>, Nullable<Integer>, Nullable<Timestamptz>,
    ) {
        tenant: i64 as BigInt,
        name: Option<String> as Nullable<Text>,
    }
}

/// A row of [`List`].
type ListRow = (
    String,
    bool,
    String,
    bool,
    Option<DateTime<Utc>>,
    i64,
    DateTime<Utc>,
    Option<i64>,
    Option<String>,
    Option<i32>,
    Option<DateTime<Utc>>,
);

fn state(row: ListRow) -> Result<ScheduleState, StorageFailure> {
    let (name, of_platform, time_zone, enabled, last_slot, version, now, job, job_state, missed, finished_at) =
        row;
    let last_job = match (job, job_state) {
        (Some(id), Some(state)) => Some(LastJob {
            id: JobId::new(id),
            state: JobState::from_name(&state).ok_or_else(|| inconsistent("jobs", "state", "not a state"))?,
            missed: missed.unwrap_or_default(),
            finished_at,
        }),
        _ => None,
    };
    let scope = if of_platform { ScheduleScope::Platform } else { ScheduleScope::Company };
    Ok(ScheduleState { name, scope, zone: zone(&time_zone), enabled, last_slot, version, last_job, now })
}

/// Parses the time zone of a tenant. One that cannot be read must not hold up the schedules of the others.
fn zone(time_zone: &str) -> TimeZone {
    TimeZone::parse(time_zone).unwrap_or_else(|error| {
        tracing::warn!(time_zone, %error, "schedules of a tenant run in UTC");
        TimeZone::UTC
    })
}

/// Returns a value of the job of each decision, if it has one.
fn of_jobs<T>(decisions: &[Decision], value: fn(&SlotJob) -> T) -> Vec<Option<T>> {
    decisions.iter().map(|decision| decision.job.as_ref().map(value)).collect()
}

crate::view!(PgDatabase, PgTx as ScheduleTx { schedules: ScheduleWriter });

#[async_trait]
impl ScheduleWriter for PgTx {
    async fn due(&mut self, names: &[&'static str], at_most: u16) -> Result<DueSchedules, StorageFailure> {
        let due = Due { names: names.to_vec(), limit: at_most.into() };
        let rows: Vec<(i64, String, String, DateTime<Utc>, DateTime<Utc>, i64)> =
            self.query(async |connection| due.load(connection).await).await?;
        let mut found =
            DueSchedules { rows: Vec::with_capacity(rows.len()), now: DateTime::UNIX_EPOCH, companies: 0 };
        for (tenant, name, time_zone, decided_until, now, companies) in rows {
            let tenant = TenantId::new(tenant);
            found.rows.push(DueSchedule { tenant, name, zone: zone(&time_zone), decided_until });
            found.now = now;
            found.companies = u32::try_from(companies).unwrap_or(u32::MAX);
        }
        Ok(found)
    }

    async fn decide(
        &mut self,
        now: DateTime<Utc>,
        decisions: &[Decision],
    ) -> Result<Vec<bool>, StorageFailure> {
        let key = |decision: &Decision| decision.job.as_ref().map(|_| overlap_key(decision.name));
        let decide = Decide {
            now,
            tenants: decisions.iter().map(|decision| decision.tenant.get()).collect(),
            names: decisions.iter().map(|decision| decision.name).collect(),
            next: decisions.iter().map(|decision| decision.wake_at).collect(),
            kinds: of_jobs(decisions, |job| job.kind.name),
            lanes: of_jobs(decisions, |job| job.kind.lane.as_str()),
            keys: decisions.iter().map(key).collect(),
            slots: of_jobs(decisions, |job| job.slot),
            missed: of_jobs(decisions, |job| job.missed),
            due: of_jobs(decisions, |job| job.run_at),
        };
        let rows: Vec<(i64, bool)> = self.query(async |connection| decide.load(connection).await).await?;
        let mut added = vec![false; decisions.len()];
        for (place, is_added) in rows {
            if let Some(entry) = usize::try_from(place - 1).ok().and_then(|place| added.get_mut(place)) {
                *entry = is_added;
            }
        }
        Ok(added)
    }

    async fn lock(&mut self, tenant: TenantId, name: &str) -> Result<Option<ScheduleState>, StorageFailure> {
        let lock = schedules::table.find((tenant.get(), name)).select(schedules::version).for_update();
        let found: Option<i64> =
            self.query(async |connection| lock.first(connection).await.optional()).await?;
        if found.is_none() {
            return Ok(None);
        }
        let list = List { tenant: tenant.get(), name: Some(name.to_owned()) };
        let row: Option<ListRow> =
            self.query(async |connection| list.get_result(connection).await.optional()).await?;
        row.map(state).transpose()
    }

    async fn set_enabled(
        &mut self,
        tenant: TenantId,
        name: &str,
        enabled: bool,
    ) -> Result<(), StorageFailure> {
        let update = diesel::update(schedules::table.find((tenant.get(), name))).set((
            schedules::enabled.eq(enabled),
            schedules::decided_until.eq(clock().assume_not_null()),
            schedules::wake_at.eq(clock()),
            schedules::version.eq(schedules::version + 1),
        ));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn note_run(&mut self, tenant: TenantId, name: &str, job: JobId) -> Result<(), StorageFailure> {
        let update = diesel::update(schedules::table.find((tenant.get(), name)))
            .set(schedules::last_job_id.eq(job.get()));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }
}

#[async_trait]
impl ScheduleStore for PgDatabase {
    async fn add_missing(&self, declared: &[(&'static str, ScheduleScope)]) -> Result<(), StorageFailure> {
        let add = AddMissing {
            names: declared.iter().map(|(name, _)| *name).collect(),
            of_platform: declared.iter().map(|(_, scope)| *scope == ScheduleScope::Platform).collect(),
        };
        let _: Vec<(String,)> = self.query(async |connection| add.load(connection).await).await?;
        Ok(())
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<ScheduleState>, StorageFailure> {
        let list = List { tenant: tenant.get(), name: None };
        let rows: Vec<ListRow> = self.query(async |connection| list.load(connection).await).await?;
        rows.into_iter().map(state).collect()
    }
}
