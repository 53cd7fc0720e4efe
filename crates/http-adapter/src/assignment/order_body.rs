//! The bodies that ask for a change of assignments.

use actix_web::HttpRequest;
use haat_application::assignment::{AssignmentGroup, ChangeAssignmentsInput, Order};
use haat_application::shared::{Change, Permission};
use haat_domain::assignment::{BatchKind, IfAssigned, RepRef};
use haat_domain::shared::single_line;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::shared::{Caller, Fields, JsonBody, Problem, QueryParams, change};

/// The most uids of one request, counted before repetitions are removed.
const MAX_UIDS: usize = 10_000;

/// The most representatives among whom shops are spread.
const MAX_TAKERS: usize = 1_000;

/// The most characters of a reason.
pub(super) const MAX_REASON: usize = 500;

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

/// Reads a request. Whether its caller may send it comes before what is wrong with it.
pub(super) fn read(
    request: &HttpRequest,
    caller: &Caller,
    body: Result<JsonBody, Problem>,
    order: impl FnOnce(&mut Fields) -> Option<Order>,
) -> Result<ChangeAssignmentsInput, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &bytes, &mut query)?;
    let order = order(&mut fields);
    let (force, reason) = force(&mut fields, !matches!(order, Some(Order::Unassign { .. })));
    let validate_only = fields.flag("validateOnly") || change.validate_only;
    fields.finish_with(query)?;
    // Without an order something has been refused.
    let order = order.ok_or_else(|| Problem::internal("a body without an order passed"))?;
    let change = Change { validate_only, ..change };
    Ok(ChangeAssignmentsInput { order, force, reason, plan: false, change })
}

/// Whether to force, where that is of use, and why.
pub(super) fn force(fields: &mut Fields, of_use: bool) -> (bool, Option<String>) {
    let force = of_use && fields.flag("force");
    let reason = fields.optional("reason", |text| single_line(text, MAX_REASON));
    if force && reason.is_none() && !fields.is_refused("reason") {
        fields.refuse("reason", "required", "is required to force", "জোর করতে কারণ দিতে হবে");
    }
    (force, reason)
}

/// What becomes of shops that somebody serves.
pub(super) fn if_assigned(fields: &mut Fields) -> IfAssigned {
    fields
        .optional("ifAssigned", |word| IfAssigned::from_name(word).ok_or("must be share, skip or move"))
        .unwrap_or_default()
}

/// An order to assign.
pub(super) fn assign(body: &mut Fields) -> Order {
    let groups = groups(body);
    Order::Assign { groups, if_assigned: if_assigned(body) }
}

/// An order to unassign.
pub(super) fn unassign(body: &mut Fields) -> Order {
    Order::Unassign { groups: groups(body) }
}

/// An order to transfer.
pub(super) fn transfer(body: &mut Fields) -> Option<Order> {
    let from = rep(body, "from");
    let to = takers(body);
    let retailers = body.texts("retailers", |texts| match texts {
        Some(texts) if texts.len() <= MAX_UIDS && !texts.is_empty() => Ok(texts.to_vec()),
        _ => Err(format!("must have 1 to {MAX_UIDS} uids")),
    });
    Some(Order::Transfer { from: from?, to: to?, retailers })
}

/// Who takes shops.
pub(super) fn takers(body: &mut Fields) -> Option<Vec<RepRef>> {
    match body.take("to") {
        Some(Value::Array(values)) if (1..=MAX_TAKERS).contains(&values.len()) => values
            .into_iter()
            .enumerate()
            .map(|(number, value)| rep_of(body, &format!("to[{number}]"), Some(value)))
            .collect::<Option<Vec<_>>>(),
        Some(Value::Array(values)) if values.len() > MAX_TAKERS => {
            body.refuse(
                "to",
                "too-many",
                format!("must be at most {MAX_TAKERS} sales representatives"),
                "সর্বোচ্চ ১০০০ জন বিক্রয় প্রতিনিধি দেওয়া যাবে",
            );
            None
        }
        Some(Value::Array(_)) | None => {
            body.refuse(
                "to",
                "required",
                "must have at least one sales representative",
                "অন্তত একজন বিক্রয় প্রতিনিধি দিতে হবে",
            );
            None
        }
        Some(_) => {
            body.refuse(
                "to",
                "wrong-type",
                "must be a list of ids or usernames",
                "আইডি বা ইউজারনেমের তালিকা হতে হবে",
            );
            None
        }
    }
}

/// An order of any kind.
pub(super) fn any(body: &mut Fields) -> Option<Order> {
    let action = body.optional("action", |word| {
        BatchKind::from_name(word)
            .filter(|kind| *kind != BatchKind::Undo)
            .ok_or("must be assign, unassign or transfer")
    });
    match action {
        None if body.is_refused("action") => None,
        None | Some(BatchKind::Assign | BatchKind::Undo) => Some(assign(body)),
        Some(BatchKind::Unassign) => Some(unassign(body)),
        Some(BatchKind::Transfer) => transfer(body),
    }
}

fn groups(body: &mut Fields) -> Vec<AssignmentGroup> {
    let values = match body.take("assignments") {
        Some(Value::Array(values)) if !values.is_empty() => values,
        Some(Value::Array(_)) | None => {
            body.refuse("assignments", "required", "must have at least one group", "অন্তত একটি দল দিতে হবে");
            return Vec::new();
        }
        Some(_) => {
            body.refuse("assignments", "wrong-type", "must be a list of groups", "দলের তালিকা হতে হবে");
            return Vec::new();
        }
    };
    let groups: Vec<_> = values
        .into_iter()
        .enumerate()
        .filter_map(|(number, value)| body.nested(&format!("assignments[{number}]"), value, group))
        .collect();
    if groups.iter().map(|group| group.retailers.len()).sum::<usize>() > MAX_UIDS {
        body.refuse(
            "assignments",
            "too-many",
            format!("must have at most {MAX_UIDS} uids in all"),
            "সব মিলিয়ে ১০০০০টির বেশি uid দেওয়া যাবে না",
        );
    }
    groups
}

fn group(fields: &mut Fields) -> Option<AssignmentGroup> {
    let rep = rep(fields, "salesRep");
    let retailers = fields.texts("retailers", |texts| match texts {
        Some(texts) if !texts.is_empty() => Ok(texts.to_vec()),
        _ => Err("must have at least one uid"),
    });
    if retailers.is_none() && !fields.is_refused("retailers") {
        fields.refuse("retailers", "required", "is required", "দিতে হবে");
    }
    Some(AssignmentGroup { rep: rep?, retailers: retailers? })
}

fn rep(fields: &mut Fields, name: &str) -> Option<RepRef> {
    let value = fields.take(name);
    rep_of(fields, name, value)
}

fn rep_of(fields: &mut Fields, name: &str, value: Option<Value>) -> Option<RepRef> {
    match value {
        Some(Value::Number(id)) if id.is_i64() => id.as_i64().map(RepRef::Id),
        Some(Value::String(text)) => {
            let rep = RepRef::parse(&text);
            if rep.is_none() {
                fields.refuse(name, "invalid", "must be an id or a username", "আইডি বা ইউজারনেম হতে হবে");
            }
            rep
        }
        None => {
            fields.refuse(name, "required", "is required", "দিতে হবে");
            None
        }
        Some(_) => {
            fields.refuse(name, "wrong-type", "must be an id or a username", "আইডি বা ইউজারনেম হতে হবে");
            None
        }
    }
}
