use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::assignment::{
    AssignedCounts, AssignmentReader, Batch, BatchChange, BatchChangeKey, BatchFilter, BatchKind, BatchScope,
    BatchState, Interval, RepSpan, RepSpanKey, Span, SpanKey, When,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{
    BatchId, Page, PageRequest, RetailerId, StorageFailure, Targets, TenantId, UserId,
};

use super::rows::{BatchColumns, BatchCounts, BatchRow, stored_counts};
use super::scope::{COVERED, VISIBLE_BATCHES, covered};
use super::statements::NamedReps;
use crate::PgDatabase;
use crate::shared::{Explain, statement, surplus};

covered! {
    /// Reads a batch.
    FindBatch = VISIBLE_BATCHES + "find_batch.sql" -> BatchColumns { caller: i64 as BigInt, batch: i64 as BigInt }
}

covered! {
    /// Lists batches, the newest first.
    ListBatches = VISIBLE_BATCHES + "list_batches.sql" -> BatchColumns {
        caller: i64 as BigInt,
        before: Option<i64> as Nullable<BigInt>,
        kind: Option<&'static str> as Nullable<Text>,
        state: Option<&'static str> as Nullable<Text>,
        actor: Option<i64> as Nullable<BigInt>,
        rows: i64 as BigInt,
    }
}

statement! {
    /// Lists the changes of a batch.
    BatchChanges = "batch_changes.sql" -> (BigInt, Text, Text, BigInt, Text, Text, Nullable<Timestamptz>) {
        tenant: i64 as BigInt,
        batch: i64 as BigInt,
        retailer: i64 as BigInt,
        rep: i64 as BigInt,
        rows: i64 as BigInt,
    }
}

/// The columns of a span.
type SpanColumns = (
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Text>,
);

covered! {
    /// Lists the assignment periods of a retailer.
    Spans = "spans.sql" -> SpanColumns {
        uid: String as Text,
        at: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        start_of: Option<NaiveDate> as Nullable<Date>,
        during: Option<NaiveDate> as Nullable<Date>,
        before: Option<DateTime<Utc>> as Nullable<Timestamptz>,
        rep: Option<i64> as Nullable<BigInt>,
        rows: i64 as BigInt,
    }
}

/// A row of [`Spans`].
type SpanRow = (
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

#[async_trait]
impl AssignmentReader for PgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        BatchScope { caller, targets }: &BatchScope,
        batch: BatchId,
    ) -> Result<Option<(Batch, Vec<AssignedCounts>)>, StorageFailure> {
        let find = covered!((tenant, targets) => FindBatch { caller: caller.get(), batch: batch.get() });
        let found: Option<BatchRow> =
            self.query(async |connection| find.get_result(connection).await.optional()).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let assigned_counts = BatchCounts { tenant: tenant.get(), batch: batch.get() };
        let assigned_counts: Vec<(i64, String, i64, i64, i64)> =
            self.query(async |connection| assigned_counts.load(connection).await).await?;
        Ok(Some((found.try_into()?, assigned_counts.into_iter().map(stored_counts).collect())))
    }

    async fn list(
        &self,
        tenant: TenantId,
        BatchScope { caller, targets }: &BatchScope,
        filter: &BatchFilter,
        page: &PageRequest<BatchId>,
    ) -> Result<Page<Batch, BatchId>, StorageFailure> {
        let list = covered!((tenant, targets) => ListBatches {
            caller: caller.get(),
            before: page.after.map(BatchId::get),
            kind: filter.kind.map(BatchKind::as_str),
            state: filter.state.map(BatchState::as_str),
            actor: filter.actor.map(UserId::get),
            rows: surplus(page),
        });
        let rows: Vec<BatchRow> = self.query(async |connection| list.load(connection).await).await?;
        let batches = rows.into_iter().map(Batch::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_surplus(batches, page.limit, |batch| batch.id))
    }

    async fn changes(
        &self,
        tenant: TenantId,
        batch: BatchId,
        page: &PageRequest<BatchChangeKey>,
    ) -> Result<Page<BatchChange, BatchChangeKey>, StorageFailure> {
        let (retailer, rep) = page.after.map_or((0, 0), |(retailer, rep)| (retailer.get(), rep.get()));
        let changes =
            BatchChanges { tenant: tenant.get(), batch: batch.get(), retailer, rep, rows: surplus(page) };
        let rows: Vec<(i64, String, String, i64, String, String, Option<DateTime<Utc>>)> =
            self.query(async |connection| changes.load(connection).await).await?;
        let change = |(retailer, uid, name, rep, username, outcome, occurred_at)| BatchChange {
            retailer: RetailerId::new(retailer),
            uid,
            name,
            rep: (UserId::new(rep), username),
            outcome,
            occurred_at,
        };
        let changes = rows.into_iter().map(change).collect();
        Ok(Page::from_surplus(changes, page.limit, |change: &BatchChange| (change.retailer, change.rep.0)))
    }

    async fn spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        uid: &RetailerUid,
        when: When,
        page: &PageRequest<SpanKey>,
    ) -> Result<Option<Page<Span, SpanKey>>, StorageFailure> {
        let (at, start_of, during) = match when {
            When::Ever => (None, None, None),
            When::At(at) => (Some(at), None, None),
            When::StartOf(day) => (None, Some(day), None),
            When::During(day) => (None, None, Some(day)),
        };
        let spans = |uid: &RetailerUid| {
            covered!((tenant, targets) => Spans {
                uid: uid.as_str().to_owned(),
                at,
                start_of,
                during,
                before: page.after.map(|(before, _)| before),
                rep: page.after.map(|(_, rep)| rep.get()),
                rows: surplus(page),
            })
        };
        let load = async |spans: Spans| -> Result<Vec<SpanRow>, StorageFailure> {
            self.query(async |connection| spans.load(connection).await).await
        };
        let mut rows = load(spans(uid)).await?;
        if rows.is_empty()
            && let Some(uid) = self.stored_uid(tenant, uid).await?
        {
            rows = load(spans(&uid)).await?;
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let spans = rows.into_iter().filter_map(span).collect();
        Ok(Some(Page::from_surplus(spans, page.limit, |span: &Span| (span.from, span.rep.0))))
    }

    async fn rep_spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
        interval: Interval,
        page: &PageRequest<RepSpanKey>,
    ) -> Result<Option<Page<RepSpan, RepSpanKey>>, StorageFailure> {
        self.read_rep_spans(tenant, targets, rep, interval, page).await
    }
}

impl PgDatabase {
    /// Explains the plan with which the sales reps named in a file are found.
    pub async fn explain_named_reps(
        &self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<String, StorageFailure> {
        let statement = Explain::new(NamedReps { tenant: tenant.get(), batch: batch.get() });
        let plan: Vec<String> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(plan.join("\n"))
    }
}

/// Returns `None` for the row of NULLs, which only states that the retailer exists.
fn span(row: SpanRow) -> Option<Span> {
    let (rep, username, name, from, until, assigned_by, batch, ended_by, end_batch, end_reason) = row;
    Some(Span {
        rep: (UserId::new(rep?), username?, name?),
        from: from?,
        until,
        assigned_by: assigned_by.map(UserId::new),
        batch: batch.map(BatchId::new),
        ended_by: ended_by.map(UserId::new),
        end_batch: end_batch.map(BatchId::new),
        end_reason,
    })
}
