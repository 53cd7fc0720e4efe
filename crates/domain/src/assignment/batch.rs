//! Bulk changes of assignments, applied or planned.

use chrono::{DateTime, Utc};

use super::{AssignedCounts, BatchResult, IfAssigned};
use crate::shared::{BatchId, RetailerId, Role, Targets, TenantId, UserId, words};

/// The kind of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// Assigns retailers to sales reps.
    Assign,
    /// Ends assignments of sales reps.
    Unassign,
    /// Transfers the retailers of one sales rep to others.
    Transfer,
    /// Undoes another batch.
    Undo,
}

impl BatchKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Assign, Self::Unassign, Self::Transfer, Self::Undo];

    /// Returns the word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Transfer => "transfer",
            Self::Undo => "undo",
        }
    }

    /// Returns the kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Returns the reason that the history records for assignment periods ended by a batch of this kind.
    #[must_use]
    pub const fn end_reason(self) -> &'static str {
        match self {
            Self::Assign => "moved",
            Self::Unassign => "unassigned",
            Self::Transfer => "transferred",
            Self::Undo => "undone",
        }
    }
}

/// A batch to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// The tenant.
    pub tenant: TenantId,
    /// The batch.
    pub batch: BatchId,
    /// The kind.
    pub kind: BatchKind,
    /// The actor and their role.
    pub actor: (UserId, Role),
    /// The time of the change.
    pub at: DateTime<Utc>,
    /// The id of the request.
    pub request_id: String,
    /// The reason.
    pub reason: Option<String>,
    /// The handling of retailers that a sales rep already serves.
    pub if_assigned: IfAssigned,
    /// True if sales reps may exceed their capacity.
    pub force: bool,
    /// The result.
    pub result: BatchResult,
    /// The assigned counts of the sales reps concerned.
    pub assigned_counts: Vec<AssignedCounts>,
    /// The batch that this batch undoes.
    pub undoes: Option<BatchId>,
}

/// The state of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// A plan that is not applied.
    Planned,
    /// A plan that was not applied in time.
    Expired,
    /// Applied.
    Applied,
    /// Applied and undone.
    Undone,
}

words!(BatchState { Planned = "planned", Expired = "expired", Applied = "applied", Undone = "undone" });

/// A stored batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The id.
    pub id: BatchId,
    /// The kind.
    pub kind: BatchKind,
    /// The state.
    pub state: BatchState,
    /// The actor, by id and username; `None` for the operator at the command line.
    pub actor: Option<(UserId, String)>,
    /// The reason.
    pub reason: Option<String>,
    /// The handling of retailers that a sales rep already serves.
    pub if_assigned: IfAssigned,
    /// True if sales reps may exceed their capacity.
    pub force: bool,
    /// The time of the request.
    pub created_at: DateTime<Utc>,
    /// The time at which it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// The batch that this batch undoes.
    pub undoes: Option<BatchId>,
    /// The batch that undid this batch.
    pub undone_by: Option<BatchId>,
    /// The result; in a list of batches without its lists.
    pub result: BatchResult,
}

/// A difference between the current data and the data from which a plan was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanConflict {
    /// `retailer` or `sales-rep`.
    pub kind: String,
    /// The uid or username.
    pub name: String,
    /// The difference: `deleted`, `territory`, `served-by`; `disabled`, `capacity`, `assigned-count`; `not-found` for both.
    pub what: String,
}

/// The batches that a caller may see: those of the tenant, or the caller's own if all their sales reps are covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchScope {
    /// The caller.
    pub caller: UserId,
    /// The targets of the caller's permission.
    pub targets: Targets,
}

/// The filter of a list of batches; all given parts must match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// Batches of this kind.
    pub kind: Option<BatchKind>,
    /// Batches in this state.
    pub state: Option<BatchState>,
    /// Batches requested by this user.
    pub actor: Option<UserId>,
}

/// A change that a batch makes, or made, for one pair of retailer and sales rep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchChange {
    /// The internal id of the retailer.
    pub retailer: RetailerId,
    /// The uid of the retailer.
    pub uid: String,
    /// The name of the retailer.
    pub name: String,
    /// The sales rep, by id and username.
    pub rep: (UserId, String),
    /// `start` or `end`; for a plan also the outcomes of requests that would not be applied.
    pub outcome: String,
    /// The time of the change; `None` for a plan.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// The position of a [`BatchChange`] in a list.
pub type BatchChangeKey = (RetailerId, UserId);
