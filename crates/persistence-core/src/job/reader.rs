use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::job::{FailedRow, Job, JobReader};
use haat_domain::shared::{JobId, Page, PageRequest, StorageFailure, TenantId, UserId};

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
    async fn find(
        &self,
        tenant: TenantId,
        kind: &'static str,
        job: JobId,
    ) -> Result<Option<Job>, StorageFailure> {
        let query = jobs::table
            .find((tenant.get(), job.get()))
            .filter(jobs::kind.eq(kind))
            .select(JobRow::as_select());
        let row: Option<JobRow> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(Job::try_from).transpose()
    }

    async fn list(
        &self,
        tenant: TenantId,
        kind: &'static str,
        actor: Option<UserId>,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        let before = page.after.map_or(i64::MAX, JobId::get);
        let mut query = jobs::table
            .filter(jobs::tenant_id.eq(tenant.get()).and(jobs::kind.eq(kind)).and(jobs::id.lt(before)))
            .order(jobs::id.desc())
            .limit(surplus(page))
            .select(JobRow::as_select())
            .into_boxed();
        if let Some(actor) = actor {
            query = query.filter(jobs::actor_id.eq(actor.get()));
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
