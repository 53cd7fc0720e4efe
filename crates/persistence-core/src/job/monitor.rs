use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::{Array, BigInt, Double, Text};
use diesel_async::RunQueryDsl;
use haat_domain::job::{JobMonitor, Lane, LaneLoad};
use haat_domain::shared::StorageFailure;

use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// Measures the lanes.
    Lanes = "lanes.sql" -> (Text, BigInt, BigInt, Double) {
        lanes: &'static [&'static str] as Array<Text>,
    }
}

statement! {
    /// Measures how late schedules are.
    Late = "late_schedules.sql" -> (Text, Double) {
        names: Vec<&'static str> as Array<Text>,
    }
}

#[async_trait]
impl JobMonitor for PgDatabase {
    async fn lanes(&self) -> Result<Vec<LaneLoad>, StorageFailure> {
        let statement = Lanes { lanes: Lane::WORDS };
        let rows: Vec<(String, i64, i64, f64)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let load = |(lane, queued, running, seconds): (String, i64, i64, f64)| {
            let lane = Lane::from_name(&lane).ok_or_else(|| inconsistent("jobs", "lane", "not a lane"))?;
            let oldest_due = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            Ok(LaneLoad { lane, queued, running, oldest_due })
        };
        rows.into_iter().map(load).collect()
    }

    async fn late_schedules(
        &self,
        names: &[&'static str],
    ) -> Result<Vec<(String, Duration)>, StorageFailure> {
        let late = Late { names: names.to_vec() };
        let rows: Vec<(String, f64)> = self.query(async |connection| late.load(connection).await).await?;
        let time = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Ok(rows.into_iter().map(|(name, seconds)| (name, time(seconds))).collect())
    }
}
