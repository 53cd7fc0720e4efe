use haat_domain::audit::{AuditLine, RawJson};
use haat_domain::shared::BatchId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::shared::{PageInfo, Problem, Timestamp};

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub(super) struct AuditPage<'a> {
    /// The entries, the newest first.
    pub(super) data: Vec<AuditLineDto<'a>>,
    /// The page.
    pub(super) page: PageInfo,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub(super) struct AuditLineDto<'a> {
    /// Id.
    id: i64,
    /// The time of the change.
    occurred_at: Timestamp,
    /// The user who made the change; `null` for the operator at the command line.
    #[schema(required = true)]
    actor: Option<AuditActorDto<'a>>,
    /// The role of the actor.
    #[schema(required = true, example = "admin")]
    role: Option<&'a str>,
    /// The action.
    #[schema(example = "retailer.update")]
    action: &'a str,
    /// The type of the changed entity.
    #[schema(example = "retailer")]
    entity: &'a str,
    /// The changed entity: the uid of a retailer, the id of any other entity.
    #[schema(required = true, example = "RTL-0000042")]
    entity_id: Option<&'a str>,
    /// Values before the change; `null` for a new entity.
    #[schema(required = true, value_type = Option<Object>)]
    before: Option<Value>,
    /// Values after the change.
    #[schema(required = true, value_type = Option<Object>)]
    after: Option<Value>,
    /// Id of the request that made the change.
    #[schema(required = true)]
    request_id: Option<&'a str>,
    /// Id of the batch that the change belongs to.
    #[schema(required = true)]
    batch_id: Option<i64>,
}

/// The user who made a change, with their current names.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub(super) struct AuditActorDto<'a> {
    /// Id.
    id: i64,
    /// Username.
    #[schema(example = "admin")]
    username: &'a str,
    /// Name.
    name: &'a str,
}

impl<'a> AuditLineDto<'a> {
    pub(super) fn new(line: &'a AuditLine) -> Result<Self, Problem> {
        Ok(Self {
            id: line.key.id,
            occurred_at: Timestamp(line.key.at),
            actor: line.actor.as_ref().map(|actor| AuditActorDto {
                id: actor.id.get(),
                username: &actor.username,
                name: &actor.name,
            }),
            role: line.role.as_deref(),
            action: &line.action,
            entity: &line.entity,
            entity_id: line.entity_id.as_deref(),
            before: line.before.as_ref().map(value).transpose()?,
            after: line.after.as_ref().map(value).transpose()?,
            request_id: line.request_id.as_deref(),
            batch_id: line.batch.map(BatchId::get),
        })
    }
}

fn value(json: &RawJson) -> Result<Value, Problem> {
    serde_json::from_str(&json.0).map_err(|error| Problem::internal(error.to_string()))
}
