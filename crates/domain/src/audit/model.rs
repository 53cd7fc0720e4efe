use chrono::{DateTime, Utc};

use crate::identity::Role;
use crate::shared::{BatchId, TenantId, UserId};

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The tenant in which it happened.
    pub tenant: TenantId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the operator at the command line.
    pub actor: Option<(UserId, Role)>,
    /// What was done, as `entity.verb`, for example `user.create`.
    pub action: &'static str,
    /// To which kind of thing.
    pub entity: &'static str,
    /// To which one; a bulk change names its batch instead.
    pub entity_id: Option<String>,
    /// What it was before; none for something new.
    pub before: Option<Snapshot>,
    /// What it is now; none for something gone.
    pub after: Option<Snapshot>,
    /// The request that did it, if one did.
    pub request_id: Option<String>,
    /// The bulk change it belongs to, if any.
    pub batch: Option<BatchId>,
}

/// The members of a thing that an audit entry keeps. Never a password, a token or a hash.
pub type Snapshot = Vec<(&'static str, SnapshotValue)>;

/// One member's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotValue {
    /// No value.
    Null,
    /// A whole number.
    Number(i64),
    /// Yes or no.
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
