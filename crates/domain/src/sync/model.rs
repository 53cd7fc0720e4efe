use super::Topic;
use crate::shared::{TenantId, UserId};

/// The cached data that a committed change invalidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invalidation {
    /// The retailers that a sales rep serves.
    RepRetailers(TenantId, UserId),
    /// The auth state of a user: role, permissions, sessions.
    AuthState(TenantId, UserId),
    /// The names on the tenant's sales map.
    SalesMap(TenantId),
    /// Anything of the tenant.
    Tenant(TenantId),
    /// Data of a topic: that of a user, or what all users of the tenant share.
    Topic(TenantId, Topic, Option<UserId>),
}

/// A batch of the change feed. Its numbers are transaction numbers of the database, which only increase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBatch {
    /// Set if the feed has restarted: everything cached before must be discarded.
    pub restarted: Option<FeedStart>,
    /// The changes committed since the previous poll, or since the start of the feed.
    pub invalidations: Vec<Invalidation>,
    /// Every transaction below this number has ended: reads from now on see all of them.
    pub settled: u64,
    /// No transaction with this number or a higher one has been seen.
    pub next: u64,
}

/// The start of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedStart {
    /// Changes below this number are unknown.
    pub from: u64,
    /// The epoch. Transaction numbers are comparable only within one epoch: a restored copy has another one.
    pub epoch: u64,
}
