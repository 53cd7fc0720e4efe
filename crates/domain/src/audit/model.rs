use chrono::{DateTime, Utc};

use super::AuditAction;
use crate::shared::{BatchId, Role, TenantId, UserId};

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The tenant.
    pub tenant: TenantId,
    /// The time of the change.
    pub at: DateTime<Utc>,
    /// The actor and their role; `None` for the operator at the command line.
    pub actor: Option<(UserId, Role)>,
    /// The action, which names the entity type.
    pub action: AuditAction,
    /// The id of the entity; a bulk change names its batch instead.
    pub entity_id: Option<String>,
    /// The state before; `None` for a new entity.
    pub before: Option<Snapshot>,
    /// The state after; `None` for a deleted entity.
    pub after: Option<Snapshot>,
    /// The id of the request, if there was one.
    pub request_id: Option<String>,
    /// The bulk change it belongs to, if any.
    pub batch: Option<BatchId>,
}

/// The attributes of an entity that an audit entry stores. Never contains a password, a token or a hash.
pub type Snapshot = Vec<(&'static str, SnapshotValue)>;

/// The value of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotValue {
    /// No value.
    Null,
    /// A whole number.
    Number(i64),
    /// A Boolean.
    Flag(bool),
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

impl From<i64> for SnapshotValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for SnapshotValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&[String]> for SnapshotValue {
    fn from(texts: &[String]) -> Self {
        Self::Texts(texts.to_vec())
    }
}

impl From<&str> for SnapshotValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for SnapshotValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
