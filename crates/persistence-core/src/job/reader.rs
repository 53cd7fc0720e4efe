use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::job::{Job, JobError, JobReader};
use haat_domain::shared::{JobId, Page, PageRequest, StorageFailure, TenantId};

use super::rows::JobRow;
use crate::PgDatabase;
use crate::schema::{job_errors, jobs};
use crate::shared::surplus;

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
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        let before = page.after.map_or(i64::MAX, JobId::get);
        let query = jobs::table
            .filter(jobs::tenant_id.eq(tenant.get()).and(jobs::kind.eq(kind)).and(jobs::id.lt(before)))
            .order(jobs::id.desc())
            .limit(surplus(page))
            .select(JobRow::as_select());
        let rows: Vec<JobRow> = self.query(async |connection| query.load(connection).await).await?;
        let rows = rows.into_iter().map(Job::try_from).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |job: &Job| job.id))
    }

    async fn errors(
        &self,
        tenant: TenantId,
        job: JobId,
        after: Option<(i64, String)>,
        limit: u16,
    ) -> Result<Vec<JobError>, StorageFailure> {
        // Without a key: row 0 and an empty field, which precede every row.
        let (row, field) = after.unwrap_or_default();
        let query = job_errors::table
            .filter(job_errors::tenant_id.eq(tenant.get()).and(job_errors::job_id.eq(job.get())))
            .filter(
                job_errors::row_no.ge(row).and(job_errors::row_no.gt(row).or(job_errors::field.gt(field))),
            )
            .order((job_errors::row_no, job_errors::field))
            .limit(i64::from(limit))
            .select((job_errors::row_no, job_errors::field, job_errors::code, job_errors::value));
        let rows: Vec<(i64, String, String, String)> =
            self.query(async |connection| query.load(connection).await).await?;
        let error = |(row, field, code, value)| JobError { row, field, code, value };
        Ok(rows.into_iter().map(error).collect())
    }
}
