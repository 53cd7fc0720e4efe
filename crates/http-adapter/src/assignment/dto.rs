use haat_domain::assignment::{AssignedCounts, Batch, BatchChange, RepSpan, Span};
use haat_domain::shared::{BatchId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::outcome_dto::ResultDto;
use haat_http_core::Timestamp;

/// A reference to a user.
#[derive(Serialize, ToSchema)]
#[schema(as = UserRef)]
pub(super) struct UserRefDto {
    /// Id.
    id: i64,
    /// Username.
    #[schema(example = "admin")]
    username: String,
}

impl From<&(UserId, String)> for UserRefDto {
    fn from((id, username): &(UserId, String)) -> Self {
        Self { id: id.get(), username: username.clone() }
    }
}

/// The counts of a batch.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BatchCounts)]
pub(super) struct CountsDto {
    assigned: i64,
    already_assigned: i64,
    moved: i64,
    skipped: i64,
    unassigned: i64,
    not_assigned: i64,
    changed: i64,
    unserved: i64,
    cross_territory: i64,
    /// Uids that no retailer has.
    not_found: i64,
    /// Assignments refused because a sales rep would exceed their capacity.
    refused: i64,
    /// Retailers of a transfer for which no recipient has remaining capacity.
    unplaced: i64,
    /// Rows of a file with an error.
    failed_rows: i64,
}

/// A bulk change of assignments, or a plan for one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Batch)]
pub(super) struct BatchDto {
    /// Id.
    id: i64,
    /// `assign`, `unassign`, `transfer` or `undo`.
    kind: &'static str,
    /// `planned`, `expired` (a plan that was not applied in time), `applied` or `undone`.
    state: &'static str,
    /// The user who requested the batch; `null` for the operator at the command line.
    #[schema(required = true)]
    actor: Option<UserRefDto>,
    /// The reason given by the user.
    #[schema(required = true)]
    reason: Option<String>,
    /// Treatment of retailers that another sales rep served: `share`, `skip` or `move`.
    if_assigned: &'static str,
    /// `true` if sales reps could exceed their capacity.
    force: bool,
    /// Creation time.
    created_at: Timestamp,
    /// The time at which the batch was applied; `null` for a plan.
    #[schema(required = true)]
    applied_at: Option<Timestamp>,
    /// Id of the batch that this batch undoes.
    #[schema(required = true)]
    undoes: Option<i64>,
    /// Id of the batch that undid this batch.
    #[schema(required = true)]
    undone_by: Option<i64>,
    /// The outcome of the request: `complete`, `partial`, `unchanged` or `refused`.
    outcome: &'static str,
    /// The counts of the changes.
    counts: CountsDto,
}

/// A batch with its result, which has the same members as the response that created the batch.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchDetails)]
pub(super) struct BatchDetailsDto {
    #[serde(flatten)]
    batch: BatchDto,
    #[serde(flatten)]
    result: ResultDto,
}

impl BatchDetailsDto {
    pub(super) fn new(batch: &Batch, assigned_counts: &[AssignedCounts]) -> Self {
        Self { batch: batch.into(), result: ResultDto::new(&batch.result, assigned_counts) }
    }
}

impl From<&Batch> for BatchDto {
    fn from(batch: &Batch) -> Self {
        let (result, totals) = (&batch.result, &batch.result.totals);
        Self {
            id: batch.id.get(),
            kind: batch.kind.as_str(),
            state: batch.state.as_str(),
            actor: batch.actor.as_ref().map(Into::into),
            reason: batch.reason.clone(),
            if_assigned: batch.if_assigned.as_str(),
            force: batch.force,
            created_at: Timestamp(batch.created_at),
            applied_at: batch.applied_at.map(Timestamp),
            undoes: batch.undoes.map(BatchId::get),
            undone_by: batch.undone_by.map(BatchId::get),
            outcome: result.outcome().as_str(),
            counts: CountsDto {
                assigned: totals.assigned,
                already_assigned: totals.already_assigned,
                moved: totals.moved,
                skipped: totals.skipped,
                unassigned: totals.unassigned,
                not_assigned: totals.not_assigned.count,
                changed: totals.changed.count,
                unserved: totals.unserved.count,
                cross_territory: totals.cross_territory.count,
                not_found: result.not_found.count,
                refused: result.refused,
                unplaced: result.unplaced,
                failed_rows: result.failed_rows,
            },
        }
    }
}

/// A reference to a retailer.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerRef)]
pub(super) struct RetailerRefDto {
    /// Uid.
    #[schema(example = "RTL-0000042")]
    uid: String,
    /// Name.
    name: String,
}

/// The change of a batch for one pair of retailer and sales rep.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BatchChange)]
pub(super) struct BatchChangeDto {
    /// The retailer.
    retailer: RetailerRefDto,
    /// The sales rep.
    sales_rep: UserRefDto,
    /// `start` or `end`; in a plan also outcomes without a change: `keep`, `skip`, `refuse`, `absent`, `changed`.
    outcome: String,
    /// The time of the change; `null` for a plan.
    #[schema(required = true)]
    occurred_at: Option<Timestamp>,
}

impl From<&BatchChange> for BatchChangeDto {
    fn from(change: &BatchChange) -> Self {
        Self {
            retailer: RetailerRefDto { uid: change.uid.clone(), name: change.name.clone() },
            sales_rep: (&change.rep).into(),
            outcome: change.outcome.clone(),
            occurred_at: change.occurred_at.map(Timestamp),
        }
    }
}

/// A reference to a sales rep.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesRepRef)]
pub(super) struct SalesRepRefDto {
    /// Id.
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: String,
    /// Name.
    name: String,
}

/// An assignment period: the time during which a sales rep served a retailer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentSpan)]
pub(super) struct SpanDto {
    /// The sales rep.
    sales_rep: SalesRepRefDto,
    /// Start of the period.
    from: Timestamp,
    /// End of the period; `null` if the assignment is active.
    #[schema(required = true)]
    until: Option<Timestamp>,
    /// Id of the user who assigned the retailer.
    #[schema(required = true)]
    assigned_by: Option<i64>,
    /// Id of the batch that started the period.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// Id of the user who ended the period.
    #[schema(required = true)]
    ended_by: Option<i64>,
    /// Id of the batch that ended the period.
    #[schema(required = true)]
    end_batch_id: Option<i64>,
    /// The reason for the end: `unassigned`, `moved`, `transferred`, `undone` or `deleted`.
    #[schema(required = true)]
    end_reason: Option<String>,
}

/// An assignment period of a sales rep: the time during which the sales rep served a retailer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepAssignment)]
pub(super) struct RepSpanDto {
    /// The retailer, with its current name; it may be deleted.
    retailer: RetailerRefDto,
    /// Start of the period.
    from: Timestamp,
    /// End of the period; `null` if the assignment is active.
    #[schema(required = true)]
    until: Option<Timestamp>,
    /// Id of the batch that started the period.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// Id of the batch that ended the period.
    #[schema(required = true)]
    end_batch_id: Option<i64>,
    /// The reason for the end: `unassigned`, `moved`, `transferred`, `undone` or `deleted`.
    #[schema(required = true)]
    end_reason: Option<String>,
}

impl From<&RepSpan> for RepSpanDto {
    fn from(span: &RepSpan) -> Self {
        Self {
            retailer: RetailerRefDto { uid: span.uid.clone(), name: span.name.clone() },
            from: Timestamp(span.from),
            until: span.until.map(Timestamp),
            batch_id: span.batch.map(BatchId::get),
            end_batch_id: span.end_batch.map(BatchId::get),
            end_reason: span.end_reason.clone(),
        }
    }
}

impl From<&Span> for SpanDto {
    fn from(span: &Span) -> Self {
        let (id, username, name) = span.rep.clone();
        Self {
            sales_rep: SalesRepRefDto { id: id.get(), username, name },
            from: Timestamp(span.from),
            until: span.until.map(Timestamp),
            assigned_by: span.assigned_by.map(UserId::get),
            batch_id: span.batch.map(BatchId::get),
            ended_by: span.ended_by.map(UserId::get),
            end_batch_id: span.end_batch.map(BatchId::get),
            end_reason: span.end_reason.clone(),
        }
    }
}
