use chrono::{DateTime, Utc};
use diesel::prelude::*;
use haat_domain::job::{Job, JobFacts, JobNumbers, JobState};
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
    payload: Value,
    state: String,
    progress: Value,
    result: Value,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<JobRow> for Job {
    type Error = StorageFailure;

    fn try_from(row: JobRow) -> Result<Self, StorageFailure> {
        Ok(Self {
            id: JobId::new(row.id),
            kind: row.kind,
            actor: row.actor_id.map(UserId::new),
            facts: facts(&row.payload),
            state: JobState::from_name(&row.state)
                .ok_or_else(|| inconsistent("jobs", "state", "not a state"))?,
            progress: numbers(&row.progress),
            result: numbers(&row.result),
            failure: row.failure,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

pub(super) fn facts(value: &Value) -> JobFacts {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

pub(super) fn numbers(value: &Value) -> JobNumbers {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_i64()?))).collect()
}

pub(super) fn facts_json(facts: &JobFacts) -> Value {
    Value::Object(facts.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str()))).collect())
}

pub(super) fn numbers_json(numbers: &JobNumbers) -> Value {
    Value::Object(numbers.iter().map(|(name, number)| (name.clone(), Value::from(*number))).collect())
}
