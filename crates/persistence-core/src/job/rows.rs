use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use haat_domain::job::{Job, JobArgs, JobNumbers, JobState, Lane, ScheduledFor};
use haat_domain::shared::{JobId, StorageFailure, UserId};
use serde_json::Value;

use crate::schema::jobs;
use crate::shared::inconsistent;

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
pub(super) struct JobRow {
    id: i64,
    kind: String,
    actor_id: Option<i64>,
    #[diesel(select_expression = actor_name(), select_expression_type = SqlLiteral<Nullable<Text>>)]
    actor_name: Option<String>,
    payload: Value,
    lane: String,
    priority: i16,
    state: String,
    attempts: i32,
    run_at: DateTime<Utc>,
    heartbeat_at: Option<DateTime<Utc>>,
    cancel_requested_at: Option<DateTime<Utc>>,
    schedule: Option<String>,
    slot: Option<DateTime<Utc>>,
    missed_slots: i32,
    progress: Value,
    result: Value,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// The name of the requester. A subquery, because the table of users is not one of this crate.
fn actor_name() -> SqlLiteral<Nullable<Text>> {
    sql("(SELECT u.name FROM users AS u WHERE u.tenant_id = jobs.tenant_id AND u.id = jobs.actor_id)")
}

impl TryFrom<JobRow> for Job {
    type Error = StorageFailure;

    fn try_from(row: JobRow) -> Result<Self, StorageFailure> {
        Ok(Self {
            id: JobId::new(row.id),
            kind: row.kind,
            actor: row.actor_id.map(UserId::new),
            actor_name: row.actor_name,
            args: args(&row.payload),
            lane: Lane::from_name(&row.lane).ok_or_else(|| inconsistent("jobs", "lane", "not a lane"))?,
            priority: row.priority,
            attempts: row.attempts,
            run_at: row.run_at,
            heartbeat_at: row.heartbeat_at,
            cancel_requested_at: row.cancel_requested_at,
            state: JobState::from_name(&row.state)
                .ok_or_else(|| inconsistent("jobs", "state", "not a state"))?,
            scheduled: scheduled(row.schedule, row.slot, row.missed_slots),
            progress: numbers(&row.progress),
            result: numbers(&row.result),
            failure: row.failure,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

pub(super) fn scheduled(
    schedule: Option<String>,
    slot: Option<DateTime<Utc>>,
    missed: i32,
) -> Option<ScheduledFor> {
    schedule.map(|schedule| ScheduledFor { schedule, slot, missed })
}

pub(super) fn args(value: &Value) -> JobArgs {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

pub(super) fn numbers(value: &Value) -> JobNumbers {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_i64()?))).collect()
}

pub(super) fn args_json(args: &JobArgs) -> Value {
    Value::Object(args.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str()))).collect())
}

pub(super) fn numbers_json(numbers: &JobNumbers) -> Value {
    Value::Object(numbers.iter().map(|(name, number)| (name.clone(), Value::from(*number))).collect())
}
