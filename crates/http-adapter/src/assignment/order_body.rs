//! Parses the request bodies that change assignments.

use std::marker::PhantomData;

use haat_application::assignment::{AssignmentGroup, Order, OrderInput, PlanByFilterInput};
use haat_application::shared::WriteOptions;
use haat_domain::assignment::{BatchKind, IfAssigned, RepSelector};
use haat_domain::shared::{FieldRule, bangla_digits, single_line};
use serde_json::{Map, Value};

use super::order_schema::{BulkAssignBody, BulkUnassignBody, PlanBody, TransferBody};
use crate::retailer::pool_filter;
use haat_http_core::{Body, Fields, Invalid, whole_number};

/// The maximum number of uids in a request, counted before duplicates are removed.
const MAX_UIDS: usize = 10_000;

/// The maximum number of sales reps that receive retailers.
const MAX_RECIPIENTS: usize = 1_000;

/// The maximum length of a reason, in characters.
const MAX_REASON_CHARS: usize = 500;

/// The schema of a body that has an order.
pub(super) trait OrderSchema {
    /// Parses the order.
    fn order(body: &mut Fields) -> Option<Order>;
}

impl OrderSchema for BulkAssignBody {
    fn order(body: &mut Fields) -> Option<Order> {
        let groups = groups(body);
        Some(Order::Assign { groups, if_assigned: if_assigned(body) })
    }
}

impl OrderSchema for BulkUnassignBody {
    fn order(body: &mut Fields) -> Option<Order> {
        Some(Order::Unassign { groups: groups(body) })
    }
}

impl OrderSchema for TransferBody {
    fn order(body: &mut Fields) -> Option<Order> {
        let from = rep(body, "from");
        let to = recipients(body);
        let retailers = body.texts("retailers", |texts| match texts {
            None | Some([]) => Err(UidListError::Empty),
            Some(texts) if texts.len() > MAX_UIDS => Err(UidListError::TooMany),
            Some(texts) => Ok(texts.to_vec()),
        });
        Some(Order::Transfer { from: from?, to: to?, retailers })
    }
}

impl OrderSchema for PlanBody {
    fn order(body: &mut Fields) -> Option<Order> {
        match action(body) {
            None if body.is_rejected("action") => None,
            None | Some(BatchKind::Assign | BatchKind::Undo) => BulkAssignBody::order(body),
            Some(BatchKind::Unassign) => BulkUnassignBody::order(body),
            Some(BatchKind::Transfer) => TransferBody::order(body),
        }
    }
}

/// Parses the action of a plan.
pub(super) fn action(fields: &mut Fields) -> Option<BatchKind> {
    let kind = |word: &str| BatchKind::from_name(word).filter(|kind| *kind != BatchKind::Undo);
    fields.word("action", kind, &["assign", "unassign", "transfer"])
}

/// A body with the schema `S`.
pub(super) struct OrderOf<S> {
    pub(super) input: OrderInput,
    validate_only: bool,
    schema: PhantomData<S>,
}

impl<S: OrderSchema> Body for OrderOf<S> {
    type Value = Self;

    fn read(body: &mut Fields) -> Option<Self> {
        let order = S::order(body);
        let (force, reason) = force(body, !matches!(order, Some(Order::Unassign { .. })));
        let validate_only = body.flag("validateOnly");
        let input = OrderInput { order: order?, force, reason, plan: false };
        Some(Self { input, validate_only, schema: PhantomData })
    }
}

impl<S> OrderOf<S> {
    /// Returns the options of the request: `validateOnly` may be in the body, too.
    pub(super) fn options(&self, options: WriteOptions) -> WriteOptions {
        WriteOptions { validate_only: options.validate_only || self.validate_only, ..options }
    }
}

/// The body of a plan.
pub(super) enum PlanRequest {
    /// The plan of an order.
    Order(OrderOf<PlanBody>),
    /// The plan to assign the retailers that match a filter.
    Filter(Box<PlanByFilterInput>),
}

impl Body for PlanRequest {
    type Value = Self;

    fn read(body: &mut Fields) -> Option<Self> {
        if !body.has("filter") {
            return OrderOf::read(body).map(Self::Order);
        }
        body.optional("action", |word| {
            let only = Invalid("must be assign if filter is given", "filter দিলে assign হতে হবে");
            if word == "assign" { Ok(()) } else { Err(only) }
        });
        let filter = body
            .take("filter")
            .and_then(|filter| body.nested("filter", as_strings(filter), |filter| Some(pool_filter(filter))));
        let to = recipients(body);
        let if_assigned = if_assigned(body);
        let (force, reason) = force(body, true);
        let input = PlanByFilterInput { filter: filter?, to: to?, if_assigned, force, reason };
        Some(Self::Filter(Box::new(input)))
    }
}

/// Converts numbers and booleans to the strings that a query would have.
fn as_strings(mut filter: Value) -> Value {
    for value in filter.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
        if let Some(number) = whole_number(value) {
            *value = Value::String(number.to_string());
        } else if value.is_number() || value.is_boolean() {
            *value = Value::String(value.to_string());
        }
    }
    filter
}

/// Parses `force`, if applicable, and the reason.
fn force(fields: &mut Fields, applicable: bool) -> (bool, Option<String>) {
    let force = applicable && fields.flag("force");
    (force, reason(fields, force))
}

/// Parses the reason, which is required if `force` is set.
pub(super) fn reason(fields: &mut Fields, force: bool) -> Option<String> {
    let reason = fields.optional("reason", |text| single_line(text, MAX_REASON_CHARS));
    if force && reason.is_none() && !fields.is_rejected("reason") {
        fields.reject("reason", "required", "is required if force is true", "force true হলে কারণ দিতে হবে");
    }
    reason
}

/// Parses the treatment of retailers that another sales rep serves.
pub(super) fn if_assigned(fields: &mut Fields) -> IfAssigned {
    fields.word("ifAssigned", IfAssigned::from_name, &["share", "skip", "move"]).unwrap_or_default()
}

/// Reasons why a list of uids is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum UidListError {
    #[error("must contain at least one uid")]
    Empty,
    #[error("must contain at most {MAX_UIDS} uids")]
    TooMany,
}

impl FieldRule for UidListError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooMany => "too-many",
        }
    }

    fn bangla(&self) -> String {
        match self {
            Self::Empty => "অন্তত একটি uid দিতে হবে".to_owned(),
            Self::TooMany => format!("সর্বোচ্চ {}টি uid দেওয়া যাবে", bangla_digits(MAX_UIDS)),
        }
    }
}

/// Parses the sales reps that receive retailers.
fn recipients(body: &mut Fields) -> Option<Vec<RepSelector>> {
    match body.take("to") {
        Some(Value::Array(values)) if (1..=MAX_RECIPIENTS).contains(&values.len()) => values
            .into_iter()
            .enumerate()
            .map(|(number, value)| parse_rep(body, &format!("to[{number}]"), Some(value)))
            .collect::<Option<Vec<_>>>(),
        Some(Value::Array(values)) if values.len() > MAX_RECIPIENTS => {
            body.reject(
                "to",
                "too-many",
                format!("must contain at most {MAX_RECIPIENTS} sales reps"),
                "সর্বোচ্চ ১০০০ জন বিক্রয় প্রতিনিধি দেওয়া যাবে",
            );
            None
        }
        Some(Value::Array(_)) | None => {
            body.reject(
                "to",
                "required",
                "must contain at least one sales rep",
                "অন্তত একজন বিক্রয় প্রতিনিধি দিতে হবে",
            );
            None
        }
        Some(_) => {
            body.reject(
                "to",
                "wrong-type",
                "must be a list of ids or usernames",
                "আইডি বা ইউজারনেমের তালিকা হতে হবে",
            );
            None
        }
    }
}

fn groups(body: &mut Fields) -> Vec<AssignmentGroup> {
    let values = match body.take("assignments").or_else(|| single_group(body)) {
        Some(Value::Array(values)) if !values.is_empty() => values,
        Some(Value::Array(_)) | None => {
            body.reject(
                "assignments",
                "required",
                "must contain at least one group",
                "অন্তত একটি গ্রুপ দিতে হবে",
            );
            return Vec::new();
        }
        Some(_) => {
            body.reject("assignments", "wrong-type", "must be a list of groups", "গ্রুপের তালিকা হতে হবে");
            return Vec::new();
        }
    };
    let groups: Vec<_> = values
        .into_iter()
        .enumerate()
        .filter_map(|(number, value)| body.nested(&format!("assignments[{number}]"), value, group))
        .collect();
    if groups.iter().map(|group| group.retailers.len()).sum::<usize>() > MAX_UIDS {
        body.reject(
            "assignments",
            "too-many",
            format!("must contain at most {MAX_UIDS} uids in total"),
            "সব মিলিয়ে সর্বোচ্চ ১০০০০টি uid দেওয়া যাবে",
        );
    }
    groups
}

/// Other names that are accepted for the members of a group: the member, then the alias.
const ALIASES: [(&str, &str); 3] =
    [("salesRep", "salesRepId"), ("retailers", "retailerIds"), ("retailers", "retailerUids")];

/// Returns the single group of a body that has the members of a group at the top level.
fn single_group(body: &mut Fields) -> Option<Value> {
    let names = ALIASES.iter().flat_map(|(name, alias)| [*name, *alias]);
    let members: Map<String, Value> =
        names.filter_map(|name| Some((name.to_owned(), body.take(name)?))).collect();
    (!members.is_empty()).then(|| Value::Array(vec![Value::Object(members)]))
}

fn group(fields: &mut Fields) -> Option<AssignmentGroup> {
    for (name, alias) in ALIASES {
        fields.accept_alias(name, alias);
    }
    let rep = rep(fields, "salesRep");
    let retailers = fields.texts("retailers", |texts| match texts {
        None | Some([]) => Err(UidListError::Empty),
        Some(texts) => Ok(texts.to_vec()),
    });
    if retailers.is_none() && !fields.is_rejected("retailers") {
        fields.reject("retailers", "required", "is required", "দিতে হবে");
    }
    Some(AssignmentGroup { rep: rep?, retailers: retailers? })
}

fn rep(fields: &mut Fields, name: &str) -> Option<RepSelector> {
    let value = fields.take(name);
    parse_rep(fields, name, value)
}

fn parse_rep(fields: &mut Fields, name: &str, value: Option<Value>) -> Option<RepSelector> {
    if let Some(id) = value.as_ref().and_then(whole_number) {
        return Some(RepSelector::Id(id));
    }
    match value {
        Some(Value::String(text)) => {
            let rep = RepSelector::parse(&text);
            if rep.is_none() {
                fields.reject(name, "invalid", "must be an id or a username", "আইডি বা ইউজারনেম হতে হবে");
            }
            rep
        }
        None => {
            fields.reject(name, "required", "is required", "দিতে হবে");
            None
        }
        Some(_) => {
            fields.reject(name, "wrong-type", "must be an id or a username", "আইডি বা ইউজারনেম হতে হবে");
            None
        }
    }
}
