//! The audit log as it is read: entries that any version of the program wrote, verbatim, with names beside ids.

use chrono::{DateTime, Utc};

use super::{AuditAction, AuditEntity};
use crate::shared::{BatchId, UserId};

/// The filter of an audit list; all given parts must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Entries of this entity type.
    pub entity: Option<AuditEntity>,
    /// Entries of the entity with this id.
    pub entity_id: Option<String>,
    /// Entries of this actor.
    pub actor: Option<UserId>,
    /// Entries with this action.
    pub action: Option<AuditAction>,
    /// Entries at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Entries before this time.
    pub to: Option<DateTime<Utc>>,
    /// Entries of this bulk change.
    pub batch: Option<BatchId>,
    /// Entries of this request.
    pub request_id: Option<String>,
}

/// The position of an entry in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditKey {
    /// The time of the entry, in whole microseconds as stored by Postgres.
    pub at: DateTime<Utc>,
    /// The id, which breaks ties.
    pub id: i64,
}

/// An entry of the audit log as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// The position in the log.
    pub key: AuditKey,
    /// The actor; `None` for the operator at the command line.
    pub actor: Option<AuditActor>,
    /// The role of the actor.
    pub role: Option<String>,
    /// The action, as `entity.verb`.
    pub action: String,
    /// The entity type.
    pub entity: String,
    /// The id of the entity.
    pub entity_id: Option<String>,
    /// The name of the entity: the present one, or for a deleted entity the one in the entry.
    pub entity_name: Option<String>,
    /// The state before.
    pub before: Option<RawJson>,
    /// The state after.
    pub after: Option<RawJson>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// The bulk change it belongs to.
    pub batch: Option<BatchId>,
}

/// The actor of a change, with the current names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    /// The user.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The name.
    pub name: String,
}

/// JSON as written, with a name beside each id. The writer of an entry decides which members it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawJson(pub String);
