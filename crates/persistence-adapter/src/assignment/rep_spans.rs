//! The assignment periods of a sales rep.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::assignment::{Interval, RepSpan, RepSpanKey};
use haat_domain::shared::{
    BatchId, Page, PageRequest, RetailerId, StorageFailure, Targets, TenantId, UserId,
};

use super::scope::{COVERED, covered};
use crate::PgDatabase;
use crate::shared::{Explain, surplus};

covered! {
    /// Lists the assignment periods of a sales rep.
    RepSpans = "rep_spans.sql" -> (
        Nullable<BigInt>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Nullable<BigInt>,
        Nullable<BigInt>,
        Nullable<Text>,
    ) {
        rep: i64 as BigInt,
        from: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        to: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        before: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        retailer: Option<i64> as Nullable<BigInt>,
        rows: i64 as BigInt,
    }
}

/// A row of [`RepSpans`].
type RepSpanRow = (
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

fn rep_spans(
    tenant: TenantId,
    targets: &Targets,
    rep: UserId,
    Interval { from, to }: Interval,
    page: &PageRequest<RepSpanKey>,
) -> RepSpans {
    covered!((tenant, targets) => RepSpans {
        rep: rep.get(),
        from,
        to,
        before: page.after.map(|(before, _)| before),
        retailer: page.after.map(|(_, retailer)| retailer.get()),
        rows: surplus(page),
    })
}

/// Returns `None` for the row of NULLs, which only states that the sales rep exists.
fn span((retailer, uid, name, from, until, batch, end_batch, end_reason): RepSpanRow) -> Option<RepSpan> {
    Some(RepSpan {
        retailer: RetailerId::new(retailer?),
        uid: uid?,
        name: name?,
        from: from?,
        until,
        batch: batch.map(BatchId::new),
        end_batch: end_batch.map(BatchId::new),
        end_reason,
    })
}

impl PgDatabase {
    pub(super) async fn read_rep_spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
        interval: Interval,
        page: &PageRequest<RepSpanKey>,
    ) -> Result<Option<Page<RepSpan, RepSpanKey>>, StorageFailure> {
        let statement = rep_spans(tenant, targets, rep, interval, page);
        let rows: Vec<RepSpanRow> = self.query(async |connection| statement.load(connection).await).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let spans = rows.into_iter().filter_map(span).collect();
        Ok(Some(Page::from_surplus(spans, page.limit, |span: &RepSpan| (span.from, span.retailer))))
    }

    /// Explains the plan of a page of the assignment periods of a sales rep.
    pub async fn explain_rep_spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
        interval: Interval,
        page: &PageRequest<RepSpanKey>,
    ) -> Result<String, StorageFailure> {
        let statement = Explain::new(rep_spans(tenant, targets, rep, interval, page));
        let plan: Vec<String> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(plan.join("\n"))
    }
}
