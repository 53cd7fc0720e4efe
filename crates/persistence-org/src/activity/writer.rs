use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::activity::{ActivityWriter, Tally};
use haat_domain::shared::StorageFailure;

use crate::OrgDatabase;
use crate::shared::statement;

statement! {
    /// Adds tallies to the days of their users.
    AddTallies = "add.sql" -> () {
        tenants: Vec<i64> as Array<BigInt>,
        users: Vec<i64> as Array<BigInt>,
        requests: Vec<i64> as Array<BigInt>,
        changes: Vec<i64> as Array<BigInt>,
        logins: Vec<i64> as Array<BigInt>,
        first_at: Vec<DateTime<Utc>> as Array<Timestamptz>,
        last_at: Vec<DateTime<Utc>> as Array<Timestamptz>,
    }
}

#[async_trait]
impl ActivityWriter for OrgDatabase {
    async fn add(&self, tallies: &[Tally]) -> Result<(), StorageFailure> {
        let statement = AddTallies {
            tenants: tallies.iter().map(|tally| tally.tenant.get()).collect(),
            users: tallies.iter().map(|tally| tally.user.get()).collect(),
            requests: tallies.iter().map(|tally| tally.requests).collect(),
            changes: tallies.iter().map(|tally| tally.changes).collect(),
            logins: tallies.iter().map(|tally| tally.logins).collect(),
            first_at: tallies.iter().map(|tally| tally.first_at).collect(),
            last_at: tallies.iter().map(|tally| tally.last_at).collect(),
        };
        // Not `execute`, which makes the caches poll the change feed: no cache holds activity.
        self.query(async |connection| statement.execute(connection).await).await?;
        Ok(())
    }
}
