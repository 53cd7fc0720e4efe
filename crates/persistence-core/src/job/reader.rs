use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::job::{FailedRow, Job, JobFilter, JobReader};
use haat_domain::shared::{JobId, Page, PageRequest, StorageFailure, TenantId};

use super::rows::JobRow;
use crate::PgDatabase;
use crate::schema::jobs;
use crate::shared::{FailedColumns, failed_row, statement, surplus};

statement! {
    /// Lists rows with errors.
    RowsWithErrors = "failed_rows.sql" -> (BigInt, Array<Text>, Array<Text>, Array<Text>) {
        tenant: i64 as BigInt,
        job: i64 as BigInt,
        after: i64 as BigInt,
        limit: i64 as BigInt,
    }
}

#[async_trait]
impl JobReader for PgDatabase {
    async fn find(&self, tenant: TenantId, job: JobId) -> Result<Option<Job>, StorageFailure> {
        let query = jobs::table.find((tenant.get(), job.get())).select(JobRow::as_select());
        let row: Option<JobRow> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(Job::try_from).transpose()
    }

    async fn list(
        &self,
        tenant: TenantId,
        filter: &JobFilter,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        let before = page.after.map_or(i64::MAX, JobId::get);
        let mut query = jobs::table
            .filter(jobs::tenant_id.eq(tenant.get()).and(jobs::id.lt(before)))
            .order(jobs::id.desc())
            .limit(surplus(page))
            .select(JobRow::as_select())
            .into_boxed();
        if let Some(kind) = &filter.kind {
            query = query.filter(jobs::kind.eq(kind));
        }
        if let Some(lane) = filter.lane {
            query = query.filter(jobs::lane.eq(lane.as_str()));
        }
        if let Some(state) = filter.state {
            query = query.filter(jobs::state.eq(state.as_str()));
        }
        if let Some(schedule) = &filter.schedule {
            query = query.filter(jobs::schedule.eq(schedule));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(jobs::actor_id.eq(actor.get()));
        }
        if let Some(from) = filter.from {
            query = query.filter(jobs::created_at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(jobs::created_at.lt(to));
        }
        let rows: Vec<JobRow> = self.query(async |connection| query.load(connection).await).await?;
        let rows = rows.into_iter().map(Job::try_from).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |job: &Job| job.id))
    }

    async fn failed_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        after: i64,
        at_most: u16,
    ) -> Result<Vec<FailedRow>, StorageFailure> {
        let statement =
            RowsWithErrors { tenant: tenant.get(), job: job.get(), after, limit: i64::from(at_most) };
        let rows: Vec<FailedColumns> =
            self.query(async |connection| statement.load(connection).await).await?;
        Ok(rows.into_iter().map(failed_row).collect())
    }
}
