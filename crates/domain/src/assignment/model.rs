use crate::identity::Username;
use crate::retailer::RetailerUid;
use crate::shared::{BatchId, UserId};

/// A representative as an administrator names one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RepRef {
    /// By id.
    Id(i64),
    /// By username.
    Username(Username),
}

impl RepRef {
    /// Reads a name: digits only are an id, as no username is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().map(Self::Id);
        }
        Username::parse(text).ok().map(Self::Username)
    }
}

impl std::fmt::Display for RepRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Username(name) => f.write_str(name.as_str()),
        }
    }
}

/// What becomes of a shop that somebody else serves already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IfAssigned {
    /// Both serve it.
    #[default]
    Share,
    /// It is left to them.
    Skip,
    /// They stop, and so does everybody else who is not named for it.
    Move,
}

impl IfAssigned {
    /// The word in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Skip => "skip",
            Self::Move => "move",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Share, Self::Skip, Self::Move].into_iter().find(|way| way.as_str() == name)
    }
}

/// A wish: that this representative serves this shop, or no longer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishedRow {
    /// Its place in the request, to name it by.
    pub row: i64,
    /// Who.
    pub rep: RepRef,
    /// Which shop.
    pub uid: RetailerUid,
}

/// A representative named in the wishes of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRep {
    /// As they were named.
    pub name: String,
    /// The first row that names them.
    pub row: i64,
    /// Who it is, if anybody is called so, and whether they may log in.
    pub found: Option<(UserId, bool)>,
}

/// Who was named in the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFaults {
    /// Nobody is called so.
    pub unknown: Vec<String>,
    /// They are disabled.
    pub disabled: Vec<String>,
    /// The others, as named and by id.
    pub reps: Vec<(String, UserId)>,
}

/// A representative whose shops nobody else changes until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedRep {
    /// The id.
    pub id: UserId,
    /// What they log in with.
    pub username: String,
    /// Whether they may log in.
    pub active: bool,
    /// The most shops they may serve.
    pub capacity: i64,
}

/// How shops are locked while it is changed who serves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopLock {
    /// Nobody else changes who serves them: for whoever has to know all who do.
    Alone,
    /// Nobody changes them at all. For a moment only, as representatives wait.
    Beside,
    /// They are neither renamed nor deleted. For as long as it takes, as representatives work on.
    Lightly,
}

impl ShopLock {
    /// The word in the statement.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Beside => "beside",
            Self::Lightly => "lightly",
        }
    }
}

/// What is to be drawn from wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawing {
    /// Beginnings, and the ends that they bring with them.
    Assign {
        /// The representatives, as named and by id.
        reps: Vec<(String, UserId)>,
        /// What becomes of shops that somebody serves.
        if_assigned: IfAssigned,
        /// The only one from whom shops are moved; `None`: whoever serves them.
        from: Option<UserId>,
    },
    /// Ends.
    Unassign {
        /// The representatives, as named and by id.
        reps: Vec<(String, UserId)>,
    },
    /// The reverse of what a batch did.
    Undo(BatchId),
}

/// What drawn steps mean to one representative, in numbers of shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepLoad {
    /// Who.
    pub rep: UserId,
    /// They serve so many now.
    pub before: i64,
    /// Would begin.
    pub starts: i64,
    /// Would end.
    pub ends: i64,
    /// Would end whoever else is refused.
    pub sure_ends: i64,
    /// They can serve so many.
    pub capacity: i64,
}

impl RepLoad {
    /// They would serve so many.
    #[must_use]
    pub const fn after(&self) -> i64 {
        self.before + self.starts - self.ends
    }
}

/// What became of drawn steps: assignments that were to begin and to end, and those that did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Were to begin, were to end.
    pub drawn: (i64, i64),
    /// Began, ended.
    pub done: (i64, i64),
}

/// Shops that would go from one representative to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// From whom.
    pub from: UserId,
    /// To whom.
    pub to: UserId,
    /// How many.
    pub shops: i64,
}

/// Some shops out of many: how many, and the first of them by uid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// How many.
    pub count: i64,
    /// Their uids, not necessarily all.
    pub uids: Vec<String>,
}

/// What drawn steps would do, counted by pair of representative and shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Beginnings at shops that nobody stops serving.
    pub assigned: i64,
    /// Asked for, and so already.
    pub already_assigned: i64,
    /// Beginnings (or what was so already) at shops that somebody else stops serving.
    pub moved: i64,
    /// Left to somebody else.
    pub skipped: i64,
    /// Ends at shops that nobody is given instead.
    pub unassigned: i64,
    /// Shops that somebody served and nobody would.
    pub left_without: Listed,
    /// Shops given to somebody who serves shops, and none in that territory.
    pub cross_territory: Listed,
    /// There was nothing to end.
    pub not_assigned: Listed,
    /// Not as the batch to be taken back left them, or no longer with whom they were to be taken from.
    pub changed: Listed,
}

/// A representative who would have, or has, more shops than they can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverCapacity {
    /// Who, as the administrator named them.
    pub rep: String,
    /// How many shops they would have.
    pub count: i64,
    /// How many they can serve.
    pub limit: i64,
    /// How many they were therefore not given; 0 where it was forced.
    pub refused: i64,
}

/// One representative's shops, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub rep: UserId,
    /// What they log in with.
    pub username: String,
    /// Shops before.
    pub before: i64,
    /// Shops after.
    pub after: i64,
    /// How many they can serve.
    pub capacity: i64,
}
