//! What an administrator may ask for.

use haat_domain::assignment::{BatchKind, IfAssigned, Load, OverCapacity, RepRef, Totals, WishedRow};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, StorageFailure};

use crate::shared::{Change, ChangeError};

/// Some shops and the representative who is to serve them, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentGroup {
    /// The representative.
    pub rep: RepRef,
    /// The shops' uids, as given: one that is no uid at all belongs to no shop, and is told like any other that is not
    /// found.
    pub retailers: Vec<String>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Give shops to representatives.
    Assign {
        /// Whom which.
        groups: Vec<AssignmentGroup>,
        /// What becomes of shops that somebody serves.
        if_assigned: IfAssigned,
    },
    /// Take shops from representatives, disabled ones too.
    Unassign {
        /// From whom which.
        groups: Vec<AssignmentGroup>,
    },
    /// Give these shops to representatives, each to whoever has the fewest.
    Spread {
        /// Which, those of one territory together.
        shops: Vec<RetailerUid>,
        /// To whom.
        to: Vec<RepRef>,
        /// What becomes of shops that somebody serves.
        if_assigned: IfAssigned,
    },
    /// Give one's shops to others, each to whoever has the fewest.
    Transfer {
        /// From whom; they may be disabled.
        from: RepRef,
        /// To whom.
        to: Vec<RepRef>,
        /// Which of their shops; all where it is absent.
        retailers: Option<Vec<String>>,
    },
}

impl Order {
    pub(super) const fn kind(&self) -> BatchKind {
        match self {
            Self::Assign { .. } | Self::Spread { .. } => BatchKind::Assign,
            Self::Unassign { .. } => BatchKind::Unassign,
            Self::Transfer { .. } => BatchKind::Transfer,
        }
    }

    pub(super) const fn if_assigned(&self) -> IfAssigned {
        match self {
            Self::Assign { if_assigned, .. } | Self::Spread { if_assigned, .. } => *if_assigned,
            Self::Unassign { .. } => IfAssigned::Share,
            Self::Transfer { .. } => IfAssigned::Move,
        }
    }
}

/// An order, and how it is to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAssignmentsInput {
    /// What is to be done.
    pub order: Order,
    /// Whether a representative may be given more shops than they can serve.
    pub force: bool,
    /// Why.
    pub reason: Option<String>,
    /// Whether to keep it as a plan, to be applied later.
    pub plan: bool,
    /// How it is asked for.
    pub change: Change,
}

/// What became of an order, or would. Every pair of representative and uid is in one of the counts or lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The batch; none where nothing was changed.
    pub batch: Option<BatchId>,
    /// What it does.
    pub totals: Totals,
    /// Uids of no shop, each once.
    pub not_found: Vec<String>,
    /// Representatives over their capacity: refused, unless it was forced.
    pub over_capacity: Vec<OverCapacity>,
    /// Shops of a transfer for which nobody had room.
    pub unplaced: i64,
    /// The shops of each representative concerned, before and after.
    pub loads: Vec<Load>,
}

impl Outcome {
    /// Whether it changes anything.
    pub(super) const fn changes_something(&self) -> bool {
        self.totals.assigned + self.totals.moved + self.totals.unassigned > 0
    }
}

/// Where in an order a representative is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepPlace {
    /// In this group, from 0.
    Group(usize),
    /// As the one whose shops are transferred.
    From,
    /// As one who gets some, from 0.
    To(usize),
}

/// What is wrong with a representative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepFault {
    /// Where they are named.
    pub place: RepPlace,
    /// What it is.
    pub problem: RepProblem,
}

/// What can be wrong with a representative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepProblem {
    /// There is no such representative.
    NotFound,
    /// They are disabled.
    Disabled,
    /// It is the one whose shops are transferred.
    Giver,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Some are named who cannot serve shops.
    #[error("unknown or disabled representatives")]
    Reps(Vec<RepFault>),
}

impl From<StorageFailure> for AssignmentError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Wishes as rows, and the texts that can be no shop's uid.
#[derive(Default)]
pub(super) struct Wishes {
    pub(super) rows: Vec<WishedRow>,
    pub(super) impossible: Vec<String>,
}

impl Wishes {
    pub(super) fn of_groups(groups: &[AssignmentGroup]) -> Self {
        let mut wishes = Self::default();
        for group in groups {
            for text in &group.retailers {
                wishes.add(&group.rep, text);
            }
        }
        wishes
    }

    fn add(&mut self, rep: &RepRef, text: &str) {
        match RetailerUid::parse(text) {
            Ok(uid) => self.add_uid(rep, uid),
            Err(_) => self.impossible.push(text.to_owned()),
        }
    }

    pub(super) fn add_uid(&mut self, rep: &RepRef, uid: RetailerUid) {
        let row = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        self.rows.push(WishedRow { row, rep: rep.clone(), uid });
    }
}

/// All uids of no shop, each once, in order.
pub(super) fn not_found(mut unknown: Vec<String>, mut impossible: Vec<String>) -> Vec<String> {
    unknown.append(&mut impossible);
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}
