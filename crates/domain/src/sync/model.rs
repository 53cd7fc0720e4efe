use crate::shared::{TenantId, UserId};

/// Whose view of the data a committed change has altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touched {
    /// What this user may do or, a representative, which shops they serve and what these are like.
    User(TenantId, UserId),
    /// The names on the tenant's sales map.
    Map(TenantId),
    /// Anything of the tenant.
    Tenant(TenantId),
}

/// What the change feed had to tell. Numbers are those of transactions of the database, which only grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Set when the feed began anew: what was cached before must be forgotten.
    pub anew: Option<Beginning>,
    /// What has been committed since the feed was asked before, or since its beginning.
    pub touched: Vec<Touched>,
    /// Every transaction below this number had ended: whoever reads from now on sees all of them.
    pub settled: u64,
    /// No transaction from this number on has been heard of.
    pub next: u64,
}

/// Where a feed begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginning {
    /// Of changes below this number nothing is known.
    pub from: u64,
    /// Numbers of transactions can be compared within one epoch only: a restored copy has another.
    pub epoch: u64,
}
