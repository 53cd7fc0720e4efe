use actix_web::HttpRequest;
use haat_application::assignment::BulkInput;
use haat_application::shared::{Change, Permission};
use haat_domain::assignment::{Assigned, AssignmentGroup, OverCapacity, RepRef, Unassigned};
use haat_domain::identity::Username;
use haat_domain::shared::{BatchId, single_line};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::shared::{Caller, Fields, JsonBody, Problem, QueryParams, change};

/// The most uids of one request, counted before repetitions are removed.
const MAX_UIDS: usize = 10_000;

/// The most characters of a reason.
const MAX_REASON: usize = 500;

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
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = "sr00001")]
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
    /// What to do with a shop that somebody else serves: `share` it.
    #[schema(default = "share", example = "share")]
    if_assigned: Option<String>,
    /// Whether a representative may be given more shops than they can serve.
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

/// What became of a bulk assignment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkAssigned)]
pub(super) struct AssignedDto {
    /// The batch, by which it can be found again; `null` where nothing was changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// New assignments.
    assigned: i64,
    /// Assignments that were there already.
    already_assigned: i64,
    /// Assignments taken from somebody else: none, as shops are shared.
    moved: i64,
    /// Shops left to somebody else: none, as shops are shared.
    skipped: i64,
    /// Uids of no shop.
    not_found: Vec<String>,
    /// Representatives over their capacity, who were given nothing, unless it was forced.
    over_capacity: Vec<OverCapacityDto>,
}

/// A representative over their capacity.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OverCapacity)]
pub(super) struct OverCapacityDto {
    /// As in the request.
    sales_rep: SalesRepRef,
    /// How many shops they would have.
    count: i64,
    /// How many they can serve.
    limit: i64,
    /// How many of the request they were therefore not given; 0 where it was forced.
    refused: i64,
}

/// What became of a bulk unassignment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkUnassigned)]
pub(super) struct UnassignedDto {
    /// The batch, by which it can be found again; `null` where nothing was changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// Assignments that ended.
    unassigned: i64,
    /// Shops that the representative did not serve.
    not_assigned: usize,
    /// Their uids.
    not_assigned_retailers: Vec<String>,
    /// Uids of no shop.
    not_found: Vec<String>,
}

impl From<&Assigned> for AssignedDto {
    fn from(outcome: &Assigned) -> Self {
        Self {
            batch_id: outcome.batch.map(BatchId::get),
            assigned: outcome.assigned,
            already_assigned: outcome.already_assigned,
            moved: 0,
            skipped: 0,
            not_found: outcome.not_found.clone(),
            over_capacity: outcome.over_capacity.iter().map(Into::into).collect(),
        }
    }
}

impl From<&OverCapacity> for OverCapacityDto {
    fn from(over: &OverCapacity) -> Self {
        let sales_rep = match &over.rep {
            RepRef::Id(id) => SalesRepRef::Id(*id),
            RepRef::Username(name) => SalesRepRef::Username(name.as_str().to_owned()),
        };
        Self { sales_rep, count: over.count, limit: over.limit, refused: over.refused }
    }
}

impl From<&Unassigned> for UnassignedDto {
    fn from(outcome: &Unassigned) -> Self {
        Self {
            batch_id: outcome.batch.map(BatchId::get),
            unassigned: outcome.unassigned,
            not_assigned: outcome.not_assigned.len(),
            not_assigned_retailers: outcome.not_assigned.clone(),
            not_found: outcome.not_found.clone(),
        }
    }
}

/// Reads a request. Whether its caller may send it comes before what is wrong with it.
pub(super) fn read(
    request: &HttpRequest,
    caller: &Caller,
    body: Result<JsonBody, Problem>,
    assigning: bool,
) -> Result<BulkInput, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let body = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &body.bytes, &mut query)?;
    let input = parse(body.fields, query, assigning)?;
    let validate_only = change.validate_only || input.change.validate_only;
    Ok(BulkInput { change: Change { validate_only, ..change }, ..input })
}

/// Reads a body. `assigning` is whether it says how to assign too.
fn parse(mut body: Fields, query: Fields, assigning: bool) -> Result<BulkInput, Problem> {
    let groups = groups(&mut body);
    if assigning {
        body.optional("ifAssigned", |word| if word == "share" { Ok(()) } else { Err("must be share") });
    }
    let force = assigning && body.flag("force");
    let reason = body.optional("reason", |text| single_line(text, MAX_REASON));
    if force && reason.is_none() && !body.is_refused("reason") {
        body.refuse("reason", "required", "is required to force", "জোর করতে কারণ দিতে হবে");
    }
    let change = Change { validate_only: body.flag("validateOnly"), ..Change::default() };
    body.finish_with(query)?;
    Ok(BulkInput { groups, force, reason, change })
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
    let rep = match fields.take("salesRep") {
        Some(Value::Number(id)) if id.is_i64() => id.as_i64().map(RepRef::Id),
        Some(Value::String(name)) => match (name.parse(), Username::parse(&name)) {
            (Ok(id), _) => Some(RepRef::Id(id)),
            (_, Ok(name)) => Some(RepRef::Username(name)),
            (_, Err(error)) => {
                fields.refuse("salesRep", "invalid", error.to_string(), "সঠিক নয়");
                None
            }
        },
        None => {
            fields.refuse("salesRep", "required", "is required", "দিতে হবে");
            None
        }
        Some(_) => {
            fields.refuse("salesRep", "wrong-type", "must be an id or a username", "আইডি বা ইউজারনেম হতে হবে");
            None
        }
    };
    let retailers = fields.texts("retailers", |texts| match texts {
        Some(texts) if !texts.is_empty() => Ok(texts.to_vec()),
        _ => Err("must have at least one uid"),
    });
    if retailers.is_none() && !fields.is_refused("retailers") {
        fields.refuse("retailers", "required", "is required", "দিতে হবে");
    }
    Some(AssignmentGroup { rep: rep?, retailers: retailers? })
}
