use utoipa::ToSchema;

/// The changes that made a plan stale; present with `plan-stale`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a member of problems, which the use case builds")]
pub(super) struct PlanConflicts {
    /// The number of retailers and sales reps that have changed.
    #[schema(example = 3)]
    count: i64,
    /// The first 100 of them.
    first: Vec<PlanConflict>,
}

/// A retailer or sales rep that has changed since a plan was created.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a member of problems, which the use case builds")]
struct PlanConflict {
    /// `retailer` or `sales-rep`.
    kind: String,
    /// Uid of the retailer or username of the sales rep.
    #[schema(example = "RTL-0000042")]
    name: String,
    /// The difference: `deleted`, `territory` or `served-by` of a retailer; `disabled`, `capacity` or `assigned-count` of
    /// a sales rep; `not-found` if either is outside the caller's scope.
    changed: String,
}
