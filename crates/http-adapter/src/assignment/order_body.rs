//! The bodies that ask for a change of assignments.

use actix_web::HttpRequest;
use haat_application::assignment::{AssignmentGroup, ChangeAssignmentsInput, Order};
use haat_application::shared::{Change, Permission};
use haat_domain::assignment::{BatchKind, IfAssigned, RepRef};
use haat_domain::shared::single_line;
use serde_json::{Map, Value};

use crate::shared::{Caller, Fields, JsonBody, Problem, QueryParams, change};

/// The most uids of one request, counted before repetitions are removed.
const MAX_UIDS: usize = 10_000;

/// The most representatives among whom shops are spread.
const MAX_TAKERS: usize = 1_000;

/// The most characters of a reason.
const MAX_REASON: usize = 500;

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
    (force, reason(fields, force))
}

/// Why, which must be said to force.
pub(super) fn reason(fields: &mut Fields, force: bool) -> Option<String> {
    let reason = fields.optional("reason", |text| single_line(text, MAX_REASON));
    if force && reason.is_none() && !fields.is_refused("reason") {
        fields.refuse("reason", "required", "is required to force", "জোর করতে কারণ দিতে হবে");
    }
    reason
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
    let values = match body.take("assignments").or_else(|| only_group(body)) {
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

/// What clients have called the members of a group.
const OTHER_NAMES: [(&str, &str); 3] =
    [("salesRep", "salesRepId"), ("retailers", "retailerIds"), ("retailers", "retailerUids")];

/// The one group of a body that has its members instead of groups, as some clients send it.
fn only_group(body: &mut Fields) -> Option<Value> {
    let names = OTHER_NAMES.iter().flat_map(|(name, other)| [*name, *other]);
    let members: Map<String, Value> =
        names.filter_map(|name| Some((name.to_owned(), body.take(name)?))).collect();
    (!members.is_empty()).then(|| Value::Array(vec![Value::Object(members)]))
}

fn group(fields: &mut Fields) -> Option<AssignmentGroup> {
    for (name, other) in OTHER_NAMES {
        fields.also_called(name, other);
    }
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
