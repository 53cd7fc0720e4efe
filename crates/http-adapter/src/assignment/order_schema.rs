//! The OpenAPI schemas of the request bodies that change assignments. `order_body.rs` parses the bodies member by
//! member, to report all errors at once.

use serde::Deserialize;
use utoipa::ToSchema;

/// Retailers and the sales rep to assign them to, or to unassign them from.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentGroup)]
#[expect(
    dead_code,
    reason = "documents the body, which is parsed member by member to report all errors at once"
)]
pub(super) struct GroupBody {
    /// The sales rep: id or username.
    sales_rep: SalesRepSelector,
    /// Uids of the retailers.
    #[schema(min_items = 1, example = json!(["RTL-0000042"]))]
    retailers: Vec<String>,
}

/// A sales rep: id or username.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = "sr00001")]
#[expect(dead_code, reason = "documents the body")]
pub(super) enum SalesRepSelector {
    /// By id.
    Id(i64),
    /// By username.
    Username(String),
}

/// A bulk assignment.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkAssign)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct BulkAssignBody {
    /// The groups; at most 10,000 uids in total.
    assignments: Vec<GroupBody>,
    /// Treatment of a retailer that another sales rep serves: `share` adds the sales rep, `skip` leaves the retailer
    /// unchanged, `move` ends the retailer's other assignments, as far as their sales reps are in the caller's scope.
    #[schema(default = "share", example = "share", pattern = "^(share|skip|move)$")]
    if_assigned: Option<String>,
    /// Allow sales reps to exceed their capacity; requires a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// The reason, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Validate and return the result without saving.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// A bulk unassignment.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkUnassign)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct BulkUnassignBody {
    /// The groups; at most 10,000 uids in total.
    assignments: Vec<GroupBody>,
    /// The reason, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Validate and return the result without saving.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// A transfer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transfer)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct TransferBody {
    /// The sales rep who gives up the retailers; may be disabled.
    from: SalesRepSelector,
    /// The recipients; each retailer goes to the recipient with the fewest retailers.
    #[schema(min_items = 1, max_items = 1000)]
    to: Vec<SalesRepSelector>,
    /// Uids of the retailers to transfer, at most 10,000; all retailers of the sales rep if absent.
    retailers: Option<Vec<String>>,
    /// Allow sales reps to exceed their capacity; requires a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// The reason, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Validate and return the result without saving.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// A retailer filter, with the parameters of `GET /admin/retailers`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlanFilter)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct FilterBody {
    /// Part of the name, uid or phone.
    q: Option<String>,
    /// Region id or exact name.
    region: Option<String>,
    /// Area id or exact name.
    area: Option<String>,
    /// Territory id or exact name.
    territory: Option<String>,
    /// Distributor id or exact name.
    distributor: Option<String>,
    /// `true`: assigned retailers only; `false`: unassigned retailers only.
    assigned: Option<bool>,
    /// Id or username of a sales rep who serves the retailer.
    sales_rep: Option<String>,
}

/// A plan: the members of a bulk assignment, bulk unassignment or transfer, or a `filter`. The retailers that match the
/// filter, at most 100,000, go to the sales reps in `to`, each to the one with the fewest retailers.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatePlan)]
#[expect(dead_code, reason = "documents the body")]
pub(super) struct PlanBody {
    /// `assign`, `unassign` or `transfer`.
    #[schema(default = "assign", pattern = "^(assign|unassign|transfer)$")]
    action: Option<String>,
    /// To assign or unassign: the groups; at most 10,000 uids in total.
    assignments: Option<Vec<GroupBody>>,
    /// To assign: treatment of a retailer that another sales rep serves.
    #[schema(default = "share", pattern = "^(share|skip|move)$")]
    if_assigned: Option<String>,
    /// To assign, instead of `assignments`: the retailers to assign to the sales reps in `to`.
    filter: Option<FilterBody>,
    /// To transfer: the sales rep who gives up the retailers.
    from: Option<SalesRepSelector>,
    /// To transfer, or with a `filter`: the recipients.
    to: Option<Vec<SalesRepSelector>>,
    /// To transfer: uids of the retailers.
    retailers: Option<Vec<String>>,
    /// Allow sales reps to exceed their capacity; requires a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// The reason, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
}
