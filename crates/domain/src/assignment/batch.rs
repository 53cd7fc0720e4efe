//! Changes of many assignments at once, done or planned.

use chrono::{DateTime, Utc};

use super::{IfAssigned, Load, Totals};
use crate::identity::Role;
use crate::shared::{BatchId, RetailerId, TenantId, UserId};

/// What a batch was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// Give shops to representatives.
    Assign,
    /// Take shops from them.
    Unassign,
    /// Give one's shops to others.
    Transfer,
    /// Take another batch back.
    Undo,
}

impl BatchKind {
    const ALL: [Self; 4] = [Self::Assign, Self::Unassign, Self::Transfer, Self::Undo];

    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Transfer => "transfer",
            Self::Undo => "undo",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Why a span ends that this kind ends, as history tells it.
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

/// A batch about to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// The company.
    pub tenant: TenantId,
    /// The batch.
    pub batch: BatchId,
    /// What it was asked to do.
    pub kind: BatchKind,
    /// Who asked.
    pub actor: (UserId, Role),
    /// When.
    pub at: DateTime<Utc>,
    /// The request.
    pub request_id: String,
    /// Why.
    pub reason: Option<String>,
    /// What becomes of shops that somebody serves.
    pub if_assigned: IfAssigned,
    /// Whether representatives may be given more than they can serve.
    pub force: bool,
    /// What it does.
    pub totals: Totals,
    /// To whom.
    pub loads: Vec<Load>,
    /// The batch it takes back.
    pub undoes: Option<BatchId>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// A plan.
    Planned,
    /// Done.
    Applied,
    /// Done, and taken back.
    Undone,
}

impl BatchState {
    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
            Self::Undone => "undone",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Planned, Self::Applied, Self::Undone].into_iter().find(|state| state.as_str() == name)
    }
}

/// What is known of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The id.
    pub id: BatchId,
    /// What it was asked to do.
    pub kind: BatchKind,
    /// How far it is.
    pub state: BatchState,
    /// Who asked, by id and username; none for the operator at the command line.
    pub actor: Option<(UserId, String)>,
    /// Why.
    pub reason: Option<String>,
    /// What becomes of shops that somebody serves.
    pub if_assigned: IfAssigned,
    /// Whether representatives may be given more than they can serve.
    pub force: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was done.
    pub applied_at: Option<DateTime<Utc>>,
    /// The batch it takes back.
    pub undoes: Option<BatchId>,
    /// The batch that took it back.
    pub undone_by: Option<BatchId>,
    /// What it does, without the lists of uids.
    pub totals: Totals,
}

/// Where the world is not what a plan saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// `retailer` or `sales-rep`.
    pub kind: String,
    /// Its uid or username.
    pub name: String,
    /// What is otherwise: `deleted`, `territory`, `served-by`; `disabled`, `capacity`, `load`.
    pub what: String,
}

/// Which batches a list shows; every part that is given must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// Of this kind.
    pub kind: Option<BatchKind>,
    /// In this state.
    pub state: Option<BatchState>,
    /// Asked for by this user.
    pub actor: Option<UserId>,
}

/// What a batch does, or did, to one pair of shop and representative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchChange {
    /// The shop's internal id.
    pub retailer: RetailerId,
    /// Its uid.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// The representative.
    pub rep: (UserId, String),
    /// `start` or `end`; of a plan also what was asked for and would not be done.
    pub step: String,
    /// When it was done; none for a plan.
    pub at: Option<DateTime<Utc>>,
}

/// Where a [`BatchChange`] stands in a list of them.
pub type BatchChangeKey = (RetailerId, UserId);
