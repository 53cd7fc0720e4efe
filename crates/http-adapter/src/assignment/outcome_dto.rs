use haat_application::assignment::Outcome;
use haat_domain::assignment::{Listed, Load, OverCapacity};
use haat_domain::shared::BatchId;
use serde::Serialize;
use utoipa::ToSchema;

/// What became of an order, or would. Every uid is in one of the counts or lists.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentOutcome)]
pub(super) struct OutcomeDto {
    /// The batch, by which it can be found again and taken back; `null` where nothing was changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// New assignments of shops that nobody stops serving.
    assigned: i64,
    /// Assignments that were there already.
    already_assigned: i64,
    /// Assignments of shops that somebody else stops serving for it.
    moved: i64,
    /// Left to somebody else.
    skipped: i64,
    /// Assignments that end, of shops that nobody is given instead.
    unassigned: i64,
    /// There was nothing to end.
    not_assigned: i64,
    /// Their uids.
    not_assigned_retailers: Vec<String>,
    /// Uids of no shop.
    not_found: Vec<String>,
    /// Representatives over their capacity, who get nothing, unless it was forced.
    over_capacity: Vec<OverCapacityDto>,
    /// Shops of a transfer for which nobody has room.
    unplaced: i64,
    /// Shops that are not as the batch to be taken back left them, and stay as they are.
    changed: i64,
    /// Their uids.
    changed_retailers: Vec<String>,
    /// Shops that somebody served and nobody does afterwards.
    left_without: i64,
    /// The first hundred of them.
    left_without_retailers: Vec<String>,
    /// Shops given to somebody who serves shops, and none in that territory.
    cross_territory: i64,
    /// The first hundred of them.
    cross_territory_retailers: Vec<String>,
    /// The representatives whose shops change.
    sales_reps: Vec<LoadDto>,
}

impl From<&Outcome> for OutcomeDto {
    fn from(outcome: &Outcome) -> Self {
        let totals = &outcome.totals;
        let of = |listed: &Listed| (listed.count, listed.uids.clone());
        let (not_assigned, not_assigned_retailers) = of(&totals.not_assigned);
        let (changed, changed_retailers) = of(&totals.changed);
        let (left_without, left_without_retailers) = of(&totals.left_without);
        let (cross_territory, cross_territory_retailers) = of(&totals.cross_territory);
        Self {
            batch_id: outcome.batch.map(BatchId::get),
            assigned: totals.assigned,
            already_assigned: totals.already_assigned,
            moved: totals.moved,
            skipped: totals.skipped,
            unassigned: totals.unassigned,
            not_assigned,
            not_assigned_retailers,
            not_found: outcome.not_found.clone(),
            over_capacity: outcome.over_capacity.iter().map(Into::into).collect(),
            unplaced: outcome.unplaced,
            changed,
            changed_retailers,
            left_without,
            left_without_retailers,
            cross_territory,
            cross_territory_retailers,
            sales_reps: outcome.loads.iter().map(Into::into).collect(),
        }
    }
}

/// A representative over their capacity.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OverCapacity)]
pub(super) struct OverCapacityDto {
    /// As in the request.
    sales_rep: RepDto,
    /// How many shops they would have.
    count: i64,
    /// How many they can serve.
    limit: i64,
    /// How many of the request they were therefore not given; 0 where it was forced.
    refused: i64,
}

/// A sales representative: id or username, as they were named.
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
        Self { sales_rep, count: over.count, limit: over.limit, refused: over.refused }
    }
}

/// A representative's shops, before and after.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepLoad)]
pub(super) struct LoadDto {
    /// Id.
    id: i64,
    /// Username.
    #[schema(example = "sr00001")]
    username: String,
    /// How many they serve before it.
    before: i64,
    /// How many they serve after it.
    after: i64,
    /// How many they can serve.
    limit: i64,
}

impl From<&Load> for LoadDto {
    fn from(load: &Load) -> Self {
        Self {
            id: load.rep.get(),
            username: load.username.clone(),
            before: load.before,
            after: load.after,
            limit: load.capacity,
        }
    }
}
