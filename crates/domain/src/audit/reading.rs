//! The audit log as it is read: what was written by any version of the program, word for word.

use chrono::{DateTime, Utc};

use crate::shared::{BatchId, UserId};

/// Which entries are asked for; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this kind of thing.
    pub entity: Option<String>,
    /// Of this one.
    pub entity_id: Option<String>,
    /// By this user.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: Option<String>,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// In this bulk change.
    pub batch: Option<BatchId>,
    /// By this request.
    pub request_id: Option<String>,
}

/// Where an entry stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditKey {
    /// When it was written, in whole microseconds as Postgres keeps it.
    pub at: DateTime<Utc>,
    /// Tells entries of one moment apart.
    pub id: i64,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Where it stands.
    pub key: AuditKey,
    /// Who; none for the operator at the command line.
    pub actor: Option<AuditActor>,
    /// As what.
    pub role: Option<String>,
    /// What was done, as `entity.verb`.
    pub action: String,
    /// To which kind of thing.
    pub entity: String,
    /// To which one.
    pub entity_id: Option<String>,
    /// What it was before.
    pub before: Option<RawJson>,
    /// What it was afterwards.
    pub after: Option<RawJson>,
    /// The request that did it.
    pub request_id: Option<String>,
    /// The bulk change it belongs to.
    pub batch: Option<BatchId>,
}

/// Who did something. Names are those of today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    /// The user.
    pub id: UserId,
    /// What they log in with.
    pub username: String,
    /// Their name.
    pub name: String,
}

/// JSON as it was written: which members an entry has is the business of whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawJson(pub String);
