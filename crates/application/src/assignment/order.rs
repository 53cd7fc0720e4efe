//! Orders: the assignment changes that an admin can request.

use haat_domain::assignment::{
    AssignedCounts, BatchKind, BatchResult, IfAssigned, RepSelector, RequestedAssignment, UidSample,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, StorageFailure};

use crate::shared::{ChangeError, FieldError, Refusal, Refused, Text};

/// Retailers, and the sales rep to assign them to or unassign them from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentGroup {
    /// The sales rep.
    pub rep: RepSelector,
    /// The retailers' uids as given. A malformed uid is reported as not found, like an unknown one, and as
    /// invalid.
    pub retailers: Vec<String>,
}

/// An assignment change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Assigns retailers to sales reps.
    Assign {
        /// The retailers of each sales rep.
        groups: Vec<AssignmentGroup>,
        /// The handling of retailers that another sales rep serves already.
        if_assigned: IfAssigned,
    },
    /// Unassigns retailers from sales reps, including disabled ones.
    Unassign {
        /// The retailers of each sales rep.
        groups: Vec<AssignmentGroup>,
    },
    /// Assigns each of these retailers to the sales rep with the fewest retailers.
    Spread {
        /// The retailers, those of one territory together.
        retailers: Vec<RetailerUid>,
        /// The recipients.
        to: Vec<RepSelector>,
        /// The handling of retailers that another sales rep serves already.
        if_assigned: IfAssigned,
    },
    /// Transfers retailers of one sales rep, each to the recipient with the fewest retailers.
    Transfer {
        /// The source; it may be disabled.
        from: RepSelector,
        /// The recipients.
        to: Vec<RepSelector>,
        /// The uids of retailers of the source to transfer; `None` transfers all of them.
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

    /// Returns the sales reps that the order names.
    pub(super) fn named(&self) -> Vec<RepSelector> {
        match self {
            Self::Assign { groups, .. } | Self::Unassign { groups } => {
                groups.iter().map(|group| group.rep.clone()).collect()
            }
            Self::Spread { to, .. } => to.clone(),
            Self::Transfer { from, to, .. } => std::iter::once(from).chain(to).cloned().collect(),
        }
    }
}

/// An order and its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderInput {
    /// The order.
    pub order: Order,
    /// Allows sales reps to exceed their capacity.
    pub force: bool,
    /// The reason for the change.
    pub reason: Option<String>,
    /// Saves the changes as a plan, to be applied later.
    pub plan: bool,
}

/// The actual or predicted outcome of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The batch; `None` if nothing was changed.
    pub batch: Option<BatchId>,
    /// The result.
    pub result: BatchResult,
    /// The numbers of retailers of each affected sales rep, before and after, in the order of usernames.
    pub assigned_counts: Vec<AssignedCounts>,
    /// True if an earlier request made these changes, and this one changed nothing.
    pub repeated: bool,
}

/// The place in an order that names a sales rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepPlace {
    /// The group with this index, from 0.
    Group(usize),
    /// The source of a transfer.
    From,
    /// The recipient with this index, from 0.
    To(usize),
}

/// A sales rep that an order cannot use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepFault {
    /// The place that names them.
    pub place: RepPlace,
    /// The problem.
    pub problem: RepProblem,
}

/// Reasons why an order cannot use a sales rep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepProblem {
    /// The sales rep does not exist.
    NotFound,
    /// The sales rep is disabled.
    Disabled,
    /// The recipient is the source of the transfer.
    SameAsSource,
}

/// Reasons why an order was not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Some of the named sales reps cannot be used.
    #[error("unknown or disabled sales reps")]
    Reps(Vec<RepFault>),
}

impl Refusal for AssignmentError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Reps(faults) => Refused::invalid(faults.iter().map(field_error).collect()),
        }
    }
}

impl From<StorageFailure> for AssignmentError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Requested assignments as rows, and the texts that are not valid uids.
#[derive(Default)]
pub(super) struct RequestedAssignments {
    pub(super) rows: Vec<RequestedAssignment>,
    pub(super) malformed: Vec<String>,
}

impl RequestedAssignments {
    pub(super) fn of_groups(groups: &[AssignmentGroup]) -> Self {
        let mut requested = Self::default();
        for group in groups {
            for text in &group.retailers {
                requested.add(&group.rep, text);
            }
        }
        requested
    }

    fn add(&mut self, rep: &RepSelector, text: &str) {
        match RetailerUid::parse(text) {
            Ok(uid) => self.add_uid(rep, uid),
            Err(_) => self.malformed.push(text.to_owned()),
        }
    }

    pub(super) fn add_uid(&mut self, rep: &RepSelector, uid: RetailerUid) {
        let row = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        self.rows.push(RequestedAssignment { row, rep: Some(rep.clone()), from: None, uid });
    }
}

/// Adds malformed uids to the uids that no retailer has. Both lists are sorted and have no duplicates.
pub(super) fn add_malformed(result: &mut BatchResult, mut malformed: Vec<String>) {
    malformed.sort_unstable();
    malformed.dedup();
    let mut uids = std::mem::take(&mut result.not_found.uids);
    uids.extend_from_slice(&malformed);
    uids.sort_unstable();
    result.not_found = UidSample::of(uids);
    result.invalid = malformed;
}

/// Returns the field error of a sales rep that cannot be used.
fn field_error(fault: &RepFault) -> FieldError {
    let field = match fault.place {
        RepPlace::Group(number) => format!("assignments[{number}].salesRep"),
        RepPlace::From => "from".to_owned(),
        RepPlace::To(number) => format!("to[{number}]"),
    };
    let (code, message) = match fault.problem {
        RepProblem::NotFound => (
            "not-found",
            Text::new("no sales rep has this id or username", "এই আইডি বা ইউজারনেমের কোনো বিক্রয় প্রতিনিধি নেই"),
        ),
        RepProblem::Disabled => {
            ("disabled", Text::new("this sales rep is disabled", "এই বিক্রয় প্রতিনিধি নিষ্ক্রিয়"))
        }
        RepProblem::SameAsSource => (
            "invalid",
            Text::new("must not be the sales rep in from", "from-এর বিক্রয় প্রতিনিধি এখানে দেওয়া যায় না"),
        ),
    };
    FieldError::new(field, code, message)
}
