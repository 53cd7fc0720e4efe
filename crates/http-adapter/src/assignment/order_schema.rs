//! The bodies that ask for a change of assignments, as the OpenAPI document shows them. They are read member by member
//! in `order_body.rs`, to tell everything wrong at once.

use serde::Deserialize;
use utoipa::ToSchema;

/// Shops and the sales representative they are given to, or taken from.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentGroup)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member to tell everything wrong at once"
)]
pub(super) struct GroupBody {
    /// The representative: id or username.
    sales_rep: SalesRepRef,
    /// Uids of shops.
    #[schema(min_items = 1, example = json!(["RTL-0000042"]))]
    retailers: Vec<String>,
}

/// A sales representative: id or username.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = "sr00001")]
#[expect(dead_code, reason = "describes the body")]
pub(super) enum SalesRepRef {
    /// By id.
    Id(i64),
    /// By username.
    Username(String),
}

/// How to assign in bulk.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkAssign)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct BulkAssignBody {
    /// At most 10,000 uids in all.
    assignments: Vec<GroupBody>,
    /// What to do with a shop that somebody else serves: `share` it, `skip` it, or `move` it, which ends the assignment of
    /// everybody who is not named for it.
    #[schema(default = "share", example = "share", pattern = "^(share|skip|move)$")]
    if_assigned: Option<String>,
    /// Whether a representative may be given more shops than they can serve; needs a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// Why, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Whether to tell what would happen and do nothing.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// How to unassign in bulk.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkUnassign)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct BulkUnassignBody {
    /// At most 10,000 uids in all.
    assignments: Vec<GroupBody>,
    /// Why, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Whether to tell what would happen and do nothing.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// How to transfer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transfer)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct TransferBody {
    /// Whose shops; they may be disabled.
    from: SalesRepRef,
    /// Who gets them, each shop to whoever has the fewest.
    #[schema(min_items = 1, max_items = 1000)]
    to: Vec<SalesRepRef>,
    /// Which of the shops, at most 10,000; all where it is absent.
    retailers: Option<Vec<String>>,
    /// Whether a representative may be given more shops than they can serve; needs a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// Why, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// Whether to tell what would happen and do nothing.
    #[schema(default = false)]
    validate_only: Option<bool>,
}

/// Which shops, as the parameters of `GET /admin/retailers` say it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlanFilter)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct FilterBody {
    /// A part of name, uid or phone.
    q: Option<String>,
    /// A region: its id, or exactly its name.
    region: Option<String>,
    /// An area: its id, or exactly its name.
    area: Option<String>,
    /// A territory: its id, or exactly its name.
    territory: Option<String>,
    /// A distributor: its id, or exactly its name.
    distributor: Option<String>,
    /// Whether somebody serves it.
    assigned: Option<bool>,
    /// Who serves it: id or username.
    sales_rep: Option<String>,
}

/// What to plan: the members of a bulk assignment, of a bulk unassignment, or of a transfer; or a `filter`, whose shops,
/// at most 100,000, are given to those in `to`, each to whoever has the fewest.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MakePlan)]
#[expect(dead_code, reason = "describes the body")]
pub(super) struct PlanBody {
    /// `assign`, `unassign` or `transfer`.
    #[schema(default = "assign", pattern = "^(assign|unassign|transfer)$")]
    action: Option<String>,
    /// To assign or unassign: at most 10,000 uids in all.
    assignments: Option<Vec<GroupBody>>,
    /// To assign: what to do with a shop that somebody else serves.
    #[schema(default = "share", pattern = "^(share|skip|move)$")]
    if_assigned: Option<String>,
    /// To assign, instead of `assignments`: which shops, to be given to those in `to`.
    filter: Option<FilterBody>,
    /// To transfer: whose shops.
    from: Option<SalesRepRef>,
    /// To transfer, or with a `filter`: who gets them.
    to: Option<Vec<SalesRepRef>>,
    /// To transfer: which of the shops.
    retailers: Option<Vec<String>>,
    /// Whether a representative may be given more shops than they can serve; needs a reason.
    #[schema(default = false)]
    force: Option<bool>,
    /// Why, for the audit log.
    #[schema(max_length = 500)]
    reason: Option<String>,
}
