use haat_domain::assignment::{Batch, BatchChange, Load, Span};
use haat_domain::shared::{BatchId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::outcome_dto::LoadDto;
use crate::shared::Timestamp;

/// A user, in short.
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

/// What a batch does, in numbers.
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
    left_without: i64,
    cross_territory: i64,
}

/// A change of many assignments at once, or the plan of one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Batch)]
pub(super) struct BatchDto {
    /// Id.
    id: i64,
    /// `assign`, `unassign`, `transfer` or `undo`.
    kind: &'static str,
    /// `planned`, `applied` or `undone`.
    state: &'static str,
    /// Who asked for it; `null`: the operator.
    #[schema(required = true)]
    actor: Option<UserRefDto>,
    /// Why.
    #[schema(required = true)]
    reason: Option<String>,
    /// What became of shops that somebody served: `share`, `skip` or `move`.
    if_assigned: &'static str,
    /// Whether representatives could be given more than they can serve.
    force: bool,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it was done.
    #[schema(required = true)]
    applied_at: Option<Timestamp>,
    /// The batch that it takes back.
    #[schema(required = true)]
    undoes: Option<i64>,
    /// The batch that took it back.
    #[schema(required = true)]
    undone_by: Option<i64>,
    /// What it does.
    counts: CountsDto,
    /// The representatives whose shops it changes; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    sales_reps: Option<Vec<LoadDto>>,
}

impl BatchDto {
    pub(super) fn new(batch: &Batch, loads: Option<&[Load]>) -> Self {
        let totals = &batch.totals;
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
            counts: CountsDto {
                assigned: totals.assigned,
                already_assigned: totals.already_assigned,
                moved: totals.moved,
                skipped: totals.skipped,
                unassigned: totals.unassigned,
                not_assigned: totals.not_assigned.count,
                changed: totals.changed.count,
                left_without: totals.left_without.count,
                cross_territory: totals.cross_territory.count,
            },
            sales_reps: loads.map(|loads| loads.iter().map(Into::into).collect()),
        }
    }
}

/// A shop, in short.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerRef)]
pub(super) struct RetailerRefDto {
    /// Uid.
    #[schema(example = "RTL-0000042")]
    uid: String,
    /// Name.
    name: String,
}

/// What a batch does, or did, to one pair of shop and representative.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BatchChange)]
pub(super) struct BatchChangeDto {
    /// The shop.
    retailer: RetailerRefDto,
    /// The representative.
    sales_rep: UserRefDto,
    /// `start` or `end`; of a plan also what is not done: `keep`, `skip`, `refuse`, `absent`, `changed`.
    step: String,
    /// When it was done; `null` for a plan.
    #[schema(required = true)]
    at: Option<Timestamp>,
}

impl From<&BatchChange> for BatchChangeDto {
    fn from(change: &BatchChange) -> Self {
        Self {
            retailer: RetailerRefDto { uid: change.uid.clone(), name: change.name.clone() },
            sales_rep: (&change.rep).into(),
            step: change.step.clone(),
            at: change.at.map(Timestamp),
        }
    }
}

/// Somebody who serves shops.
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

/// A time during which a representative served a shop.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentSpan)]
pub(super) struct SpanDto {
    /// Who.
    sales_rep: SalesRepRefDto,
    /// Since when.
    from: Timestamp,
    /// Until when; `null`: they still do.
    #[schema(required = true)]
    until: Option<Timestamp>,
    /// The user who gave it to them.
    #[schema(required = true)]
    assigned_by: Option<i64>,
    /// In which batch.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// The user who ended it.
    #[schema(required = true)]
    ended_by: Option<i64>,
    /// In which batch.
    #[schema(required = true)]
    end_batch_id: Option<i64>,
    /// Why: `unassigned`, `moved`, `transferred`, `undone` or `deleted`.
    #[schema(required = true)]
    end_reason: Option<String>,
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
