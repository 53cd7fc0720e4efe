use crate::auth::Username;
use crate::retailer::RetailerUid;
use crate::shared::{BatchId, Targets, UserId, csv_number, fold};

/// A sales rep, selected by id or username in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RepSelector {
    /// By id.
    Id(i64),
    /// By username.
    Username(Username),
    /// By employee code, folded; in files only.
    Code(String),
    /// By username or employee code, folded; in files only.
    UsernameOrCode(String),
    /// By username or, if there is none, by employee code, folded; in exports only.
    UsernameElseCode(String),
}

/// The maximum number of characters of an employee code in a file.
const MAX_CODE: usize = 64;

impl RepSelector {
    /// Parses a cell of a file: an id, also as `12.0` or in Bangla digits, a username or an employee code.
    #[must_use]
    pub fn parse_cell(text: &str) -> Option<Self> {
        if let Some(id) = csv_number(text) {
            return Some(Self::Id(id));
        }
        match (Self::parse(text), Self::of_code(text)) {
            (Some(_), Some(Self::Code(code))) => Some(Self::UsernameOrCode(code)),
            (username, code) => username.or(code),
        }
    }

    /// Parses a name in the column of an export, which has usernames; an edited one can also have ids and employee codes.
    #[must_use]
    pub fn parse_export(text: &str) -> Option<Self> {
        Self::parse_cell(text).map(|rep| match rep {
            Self::UsernameOrCode(name) => Self::UsernameElseCode(name),
            other => other,
        })
    }

    /// Parses an employee code.
    #[must_use]
    pub fn of_code(text: &str) -> Option<Self> {
        let code = fold(text);
        let is_code = code.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        (is_code && (1..=MAX_CODE).contains(&code.len())).then_some(Self::Code(code))
    }

    /// Parses a selector. Digits only are an id, because no username consists of digits only.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().map(Self::Id);
        }
        Username::parse(text).ok().map(Self::Username)
    }
}

impl std::fmt::Display for RepSelector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Username(name) => f.write_str(name.as_str()),
            // No id and no username has a colon.
            Self::Code(code) => write!(f, "code:{code}"),
            Self::UsernameOrCode(name) => write!(f, "any:{name}"),
            Self::UsernameElseCode(name) => write!(f, "name:{name}"),
        }
    }
}

/// The handling of a retailer that another sales rep already serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IfAssigned {
    /// Both sales reps serve it.
    #[default]
    Share,
    /// The retailer stays with the other sales rep.
    Skip,
    /// The other sales rep stops serving it, and so does every other sales rep not named for it.
    Move,
}

impl IfAssigned {
    /// Returns the word in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Skip => "skip",
            Self::Move => "move",
        }
    }

    /// Returns the value with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Share, Self::Skip, Self::Move].into_iter().find(|value| value.as_str() == name)
    }
}

/// A request that a sales rep serves a retailer, or no longer serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedAssignment {
    /// The position in the request, for error messages.
    pub row: i64,
    /// The sales rep; `None` for the row of a file that names all sales reps of a retailer, and has none.
    pub rep: Option<RepSelector>,
    /// The sales rep from whom the retailer is transferred; `None` except in files of transfers.
    pub from: Option<RepSelector>,
    /// The uid of the retailer.
    pub uid: RetailerUid,
}

/// A sales rep named in the requested assignments of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRep {
    /// The name in the request.
    pub name: String,
    /// The first row with this name.
    pub row: i64,
    /// The id, and true if the user is active; `None` if no sales rep has this name.
    pub found: Option<(UserId, bool)>,
}

/// The sales reps named in the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults {
    /// The column of the sales reps whose assignments start or, for unassignments, end.
    pub field: &'static str,
    /// Names that no sales rep has.
    pub unknown: Vec<String>,
    /// Names of disabled sales reps. They can keep and lose retailers, but get none.
    pub disabled: Vec<String>,
    /// All except the unknown ones, by name in the file and id.
    pub reps: Vec<(String, UserId)>,
}

/// Numbers of a file's rows that cannot be applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailedRows {
    /// Rows with an error.
    pub rows: i64,
    /// Requested assignments of these rows that were staged.
    pub assignments: i64,
}

/// A sales rep whose assignments are locked until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedRep {
    /// The id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// True if the user may log in.
    pub active: bool,
    /// The maximum number of retailers.
    pub capacity: i64,
}

/// The lock on retailers during a change of their assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetailerLock {
    /// Blocks other changes of their assignments: for changes that must know all sales reps of a retailer.
    Exclusive,
    /// Blocks all changes of the retailers. Sales reps wait for it, so use it for short changes, or if no retailer may leave the
    /// scope.
    Shared,
    /// Blocks renames and deletions. May last as long as necessary, because sales reps can continue to work.
    KeyShare,
}

/// The rows that a change of assignments locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRequest {
    /// The targets of the caller's permission. Nothing outside them is locked.
    pub targets: Targets,
    /// The sales reps.
    pub reps: Vec<UserId>,
    /// The lock on the staged retailers.
    pub retailers: RetailerLock,
    /// True if teams cover the staged retailers that no sales rep serves, as for the undo of an unassignment.
    pub with_unserved: bool,
}

impl RetailerLock {
    /// Returns the word in the SQL statement.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Shared => "shared",
            Self::KeyShare => "key-share",
        }
    }
}

/// A request to compute steps from the staged assignments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllocationRequest {
    /// Starts assignments, and ends those that they replace.
    Assign {
        /// The sales reps, by name in the request and id.
        reps: Vec<(String, UserId)>,
        /// The handling of retailers that another sales rep already serves.
        if_assigned: IfAssigned,
        /// The only sales rep from whom retailers are moved; `None` for any.
        from: Option<UserId>,
        /// The sales reps whose assignments may end; `None` for any.
        within: Option<Vec<UserId>>,
    },
    /// Transfers each retailer from one sales rep to another, as the staged assignments say.
    Transfer {
        /// The sales reps, by name in the request and id.
        reps: Vec<(String, UserId)>,
    },
    /// Ends assignments.
    Unassign {
        /// The sales reps, by name in the request and id.
        reps: Vec<(String, UserId)>,
    },
    /// Reverses the changes of a batch.
    Undo(BatchId),
}

/// The effect of computed steps on one sales rep, in numbers of retailers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepAssignedCounts {
    /// The sales rep.
    pub rep: UserId,
    /// The number of assigned retailers now.
    pub before: i64,
    /// The assignments that would start.
    pub starts: i64,
    /// The assignments that would end.
    pub ends: i64,
    /// The assignments that would end regardless of the sales reps that are refused.
    pub sure_ends: i64,
    /// The maximum number of retailers.
    pub capacity: i64,
}

impl RepAssignedCounts {
    /// Returns the number of assigned retailers after the steps.
    #[must_use]
    pub const fn after(&self) -> i64 {
        self.before + self.starts - self.ends
    }
}

/// The result of computed steps: the assignments that were to start and to end, and those that did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The computed numbers of starts and ends.
    pub computed: (i64, i64),
    /// The applied numbers of starts and ends.
    pub applied: (i64, i64),
}

/// The number of retailers that would move from one sales rep to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferCount {
    /// The source.
    pub from: UserId,
    /// The recipient.
    pub to: UserId,
    /// The number of retailers.
    pub retailers: i64,
}

/// A sample of retailers: the total number, and the first of them by uid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UidSample {
    /// The total number.
    pub count: i64,
    /// The uids, not necessarily all.
    pub uids: Vec<String>,
}

/// The totals of computed steps, counted by pair of sales rep and retailer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Starts for retailers that no sales rep stops serving.
    pub assigned: i64,
    /// Requested assignments that already exist.
    pub already_assigned: i64,
    /// Starts (or existing assignments) for retailers that another sales rep stops serving.
    pub moved: i64,
    /// Requests skipped because another sales rep serves the retailer.
    pub skipped: i64,
    /// Ends for retailers for which no other assignment starts.
    pub unassigned: i64,
    /// Retailers that a sales rep serves now and none would serve afterwards.
    pub unserved: UidSample,
    /// Retailers assigned to a sales rep who serves retailers, but none in that territory.
    pub cross_territory: UidSample,
    /// Requests to end an assignment that does not exist.
    pub not_assigned: UidSample,
    /// Retailers that differ from the state that the batch to undo left, or that the source of the move no
    /// longer serves.
    pub changed: UidSample,
}

impl UidSample {
    /// Returns all of these retailers.
    #[must_use]
    pub fn of(uids: Vec<String>) -> Self {
        Self { count: i64::try_from(uids.len()).unwrap_or(i64::MAX), uids }
    }
}

/// A sales rep who exceeds, or would exceed, their capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverCapacity {
    /// The sales rep, by name in the request.
    pub rep: String,
    /// The number of retailers that the sales rep would have.
    pub count: i64,
    /// The capacity.
    pub limit: i64,
    /// The number of retailers refused for this reason; 0 if forced.
    pub refused: i64,
}

/// The number of retailers of one sales rep, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedCounts {
    /// The sales rep.
    pub rep: UserId,
    /// The username.
    pub username: String,
    /// The number of retailers before.
    pub before: i64,
    /// The number of retailers after.
    pub after: i64,
    /// The capacity.
    pub capacity: i64,
}
