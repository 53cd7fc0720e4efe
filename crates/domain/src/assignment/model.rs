use chrono::{DateTime, Utc};

use crate::identity::{Role, Username};
use crate::retailer::RetailerUid;
use crate::shared::{BatchId, TenantId, UserId};

/// A representative as an administrator names one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RepRef {
    /// By id.
    Id(i64),
    /// By username.
    Username(Username),
}

/// Some shops and the representative who is to serve them, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentGroup {
    /// The representative.
    pub rep: RepRef,
    /// The shops' uids, as given: one that is no uid at all belongs to no shop, and is told like any other that is not
    /// found.
    pub retailers: Vec<String>,
}

/// A representative who was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundRep {
    /// The id.
    pub id: UserId,
    /// Whether they may log in.
    pub active: bool,
    /// The most shops they may serve.
    pub capacity: i64,
}

/// A group whose representative was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepGroup {
    /// The representative.
    pub rep: FoundRep,
    /// As the administrator named them.
    pub given: RepRef,
    /// The shops.
    pub retailers: Vec<RetailerUid>,
}

/// Groups to be changed, by whom and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentChange {
    /// The company.
    pub tenant: TenantId,
    /// Who changes them.
    pub actor: (UserId, Role),
    /// The groups, of representatives that are locked by this transaction. Each representative once.
    pub groups: Vec<RepGroup>,
    /// Whether a representative may be given more shops than they can serve.
    pub force: bool,
    /// Why, for the audit log.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asks for it.
    pub request_id: String,
}

/// A representative who would have, or has, more shops than they can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverCapacity {
    /// Who, as the administrator named them.
    pub rep: RepRef,
    /// How many shops they would have.
    pub count: i64,
    /// How many they can serve.
    pub limit: i64,
    /// How many they were therefore not given; 0 where it was forced.
    pub refused: i64,
}

/// What became of an assignment of many shops. Every pair of representative and uid is in one of the counts or lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The batch; none where nothing was changed.
    pub batch: Option<BatchId>,
    /// New assignments.
    pub assigned: i64,
    /// Assignments that were there already.
    pub already_assigned: i64,
    /// Uids of no shop, each once.
    pub not_found: Vec<String>,
    /// Representatives over their capacity: refused, unless it was forced.
    pub over_capacity: Vec<OverCapacity>,
}

/// What became of the end of many assignments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unassigned {
    /// The batch; none where nothing was changed.
    pub batch: Option<BatchId>,
    /// Assignments that ended.
    pub unassigned: i64,
    /// Uids of shops that the representative did not serve, each once.
    pub not_assigned: Vec<String>,
    /// Uids of no shop, each once.
    pub not_found: Vec<String>,
}
