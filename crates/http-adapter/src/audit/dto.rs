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
    /// When.
    at: Timestamp,
    /// Who; `null` for the operator at the command line.
    #[schema(required = true)]
    actor: Option<AuditActorDto<'a>>,
    /// As what.
    #[schema(required = true, example = "admin")]
    role: Option<&'a str>,
    /// What was done.
    #[schema(example = "retailer.update")]
    action: &'a str,
    /// To which kind of thing.
    #[schema(example = "retailer")]
    entity: &'a str,
    /// To which one: a shop's uid, anything else's id.
    #[schema(required = true, example = "RTL-0000042")]
    entity_id: Option<&'a str>,
    /// What it was; `null` for something new.
    #[schema(required = true, value_type = Option<Object>)]
    before: Option<Value>,
    /// What it became.
    #[schema(required = true, value_type = Option<Object>)]
    after: Option<Value>,
    /// The request that did it.
    #[schema(required = true)]
    request_id: Option<&'a str>,
    /// The bulk change it belongs to.
    #[schema(required = true)]
    batch_id: Option<i64>,
}

/// Who did something, with the names of today.
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
            at: Timestamp(line.key.at),
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
