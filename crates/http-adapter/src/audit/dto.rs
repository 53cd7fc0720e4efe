use haat_domain::audit::{AuditLine, RawJson};
use haat_domain::shared::BatchId;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use haat_http_core::Timestamp;

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
    /// The name of the entity: the current one, or for a deleted entity the one in this entry; `null` if it has none.
    #[schema(required = true, example = "Maa Store")]
    entity_name: Option<&'a str>,
    /// Values before the change; `null` for a new entity. Beside each id is the current name: `territoryName` beside
    /// `territory`, `null` if the place no longer exists.
    #[schema(required = true, value_type = Option<Object>)]
    before: Option<Stored<'a>>,
    /// Values after the change, with names like `before`.
    #[schema(required = true, value_type = Option<Object>)]
    after: Option<Stored<'a>>,
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

/// JSON as read, which the response contains as a value.
struct Stored<'a>(&'a RawJson);

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<Value>(&self.0.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'a> From<&'a AuditLine> for AuditLineDto<'a> {
    fn from(line: &'a AuditLine) -> Self {
        Self {
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
            entity_name: line.entity_name.as_deref(),
            before: line.before.as_ref().map(Stored),
            after: line.after.as_ref().map(Stored),
            request_id: line.request_id.as_deref(),
            batch_id: line.batch.map(BatchId::get),
        }
    }
}
