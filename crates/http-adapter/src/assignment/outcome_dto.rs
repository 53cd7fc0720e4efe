use haat_application::assignment::Outcome;
use haat_domain::assignment::{AssignedCounts, BatchResult, OverCapacity, UidSample};
use haat_domain::shared::BatchId;
use serde::Serialize;
use utoipa::ToSchema;

/// The result of a bulk change or dry run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentOutcome)]
pub(super) struct OutcomeDto {
    /// Id of the batch, for reading and undoing it; `null` if nothing changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// The outcome of the request: `complete`, `partial` (some of it was left out), `unchanged` (all of it was
    /// already as requested) or `refused` (nothing changed, and some of it was left out).
    outcome: &'static str,
    /// `true` if the plan was applied, or the batch undone, by an earlier request: this one changed nothing.
    repeated: bool,
    #[serde(flatten)]
    result: ResultDto,
}

impl From<&Outcome> for OutcomeDto {
    fn from(outcome: &Outcome) -> Self {
        Self {
            batch_id: outcome.batch.map(BatchId::get),
            outcome: outcome.result.outcome().as_str(),
            repeated: outcome.repeated,
            result: ResultDto::new(&outcome.result, &outcome.assigned_counts),
        }
    }
}

/// The numbers and lists of a bulk change: the same for a plan, in the batch, and when it is applied. Every uid is in
/// one of the counts or lists.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentResult)]
pub(super) struct ResultDto {
    /// Assignments started without ending another sales rep's assignment.
    assigned: i64,
    /// Assignments that already existed.
    already_assigned: i64,
    /// Assignments, started or already existing, of retailers taken from another sales rep.
    moved: i64,
    /// Requested assignments that were skipped because another sales rep serves the retailer.
    skipped: i64,
    /// Assignments ended without the retailer going to another sales rep.
    unassigned: i64,
    /// Requested ends of assignments that did not exist.
    not_assigned: i64,
    /// Uids of the retailers in `notAssigned`.
    not_assigned_retailers: Vec<String>,
    /// Uids that no retailer has.
    not_found: Vec<String>,
    /// Those of `notFound` that are not valid uids.
    invalid_uids: Vec<String>,
    /// Sales reps over their capacity. They receive none of the requested retailers, unless `force` is set.
    over_capacity: Vec<OverCapacityDto>,
    /// Retailers of a transfer for which no recipient has remaining capacity.
    unplaced: i64,
    /// Retailers that have changed since the batch to undo, or that the sales rep in `from` no longer serves; they stay
    /// as they are.
    changed: i64,
    /// Uids of the retailers in `changed`.
    changed_retailers: Vec<String>,
    /// Retailers that were served before and that no sales rep serves afterwards.
    unserved: i64,
    /// Uids of the first 100 retailers in `unserved`.
    unserved_retailers: Vec<String>,
    /// Retailers assigned to a sales rep who serves retailers, but none in their territory.
    cross_territory: i64,
    /// Uids of the first 100 retailers in `crossTerritory`.
    cross_territory_retailers: Vec<String>,
    /// The sales reps whose assignments change.
    sales_reps: Vec<AssignedCountsDto>,
}

impl ResultDto {
    pub(super) fn new(result: &BatchResult, assigned_counts: &[AssignedCounts]) -> Self {
        let totals = &result.totals;
        let split = |sample: &UidSample| (sample.count, sample.uids.clone());
        let (not_assigned, not_assigned_retailers) = split(&totals.not_assigned);
        let (changed, changed_retailers) = split(&totals.changed);
        let (unserved, unserved_retailers) = split(&totals.unserved);
        let (cross_territory, cross_territory_retailers) = split(&totals.cross_territory);
        Self {
            assigned: totals.assigned,
            already_assigned: totals.already_assigned,
            moved: totals.moved,
            skipped: totals.skipped,
            unassigned: totals.unassigned,
            not_assigned,
            not_assigned_retailers,
            not_found: result.not_found.uids.clone(),
            invalid_uids: result.invalid.clone(),
            over_capacity: result.over_capacity.iter().map(Into::into).collect(),
            unplaced: result.unplaced,
            changed,
            changed_retailers,
            unserved,
            unserved_retailers,
            cross_territory,
            cross_territory_retailers,
            sales_reps: assigned_counts.iter().map(Into::into).collect(),
        }
    }
}

/// A sales rep over their capacity.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OverCapacity)]
pub(super) struct OverCapacityDto {
    /// The sales rep, as given in the request.
    sales_rep: RepDto,
    /// The number of retailers the sales rep would serve.
    assigned_count: i64,
    /// The maximum number of retailers the sales rep can serve.
    effective_capacity: i64,
    /// The number of requested retailers that were refused; 0 if `force` is set.
    refused: i64,
}

/// A sales rep by id or username, as given in the request.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = NamedSalesRep, example = "sr00001")]
pub(super) enum RepDto {
    /// By id.
    Id(i64),
    /// By username.
    Username(String),
}

impl From<&OverCapacity> for OverCapacityDto {
    fn from(over: &OverCapacity) -> Self {
        let sales_rep = over.rep.parse().map_or_else(|_| RepDto::Username(over.rep.clone()), RepDto::Id);
        Self { sales_rep, assigned_count: over.count, effective_capacity: over.limit, refused: over.refused }
    }
}

/// The retailer counts of a sales rep before and after the change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepLoad)]
pub(super) struct AssignedCountsDto {
    /// Id.
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: String,
    /// The number of retailers the sales rep serves before the change.
    before: i64,
    /// The number of retailers the sales rep serves after the change.
    after: i64,
    /// The maximum number of retailers the sales rep can serve.
    effective_capacity: i64,
}

impl From<&AssignedCounts> for AssignedCountsDto {
    fn from(counts: &AssignedCounts) -> Self {
        Self {
            id: counts.rep.get(),
            username: counts.username.clone(),
            before: counts.before,
            after: counts.after,
            effective_capacity: counts.capacity,
        }
    }
}
