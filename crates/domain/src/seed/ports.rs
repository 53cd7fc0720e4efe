use async_trait::async_trait;

use super::{
    SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedRegion, SeedRep, SeedRetailer,
    SeedTerritory,
};
use crate::audit::AuditEntry;
use crate::identity::{NewUser, PasswordHash, TenantSlug};
use crate::shared::{StorageFailure, TenantId, Transaction};

/// Rows made while they are written, so that a million of them take no memory.
pub type Rows<'a, T> = Box<dyn Iterator<Item = T> + Send + 'a>;

/// Opens the transaction in which a seed happens.
#[async_trait]
pub trait BeginSeed: Send + Sync {
    /// Opens it, if the tenant has no shops, places and users yet, and keeps others from adding any meanwhile; `None`
    /// when it has. All of the seed becomes visible at its commit, or nothing.
    ///
    /// # Errors
    /// [`StorageFailure`]; an unknown tenant is [`StorageFailure::Broken`].
    async fn begin(&self, tenant: &TenantSlug) -> Result<Option<Box<dyn SeedTx>>, StorageFailure>;
}

/// Writes a seed, each kind of row in one stream. The ids of the seed become free database ids, in order.
/// Called in the order of the methods.
#[async_trait]
pub trait SeedTx: Transaction {
    /// The tenant that is seeded.
    fn tenant(&self) -> TenantId;

    /// Takes away secondary indexes and foreign keys that are cheaper to build after the load. They come back
    /// in [`finish`](Self::finish); until the commit nobody else sees them gone.
    async fn prepare(&mut self) -> Result<(), StorageFailure>;

    /// Regions, areas, territories and their other spellings.
    async fn places(
        &mut self,
        regions: &[SeedRegion],
        areas: &[SeedArea],
        territories: &[SeedTerritory],
        aliases: &[SeedPlaceAlias],
    ) -> Result<(), StorageFailure>;

    /// Distributors.
    async fn distributors(&mut self, rows: Rows<'_, SeedDistributor>) -> Result<(), StorageFailure>;

    /// The demo administrator.
    async fn admin(&mut self, user: &NewUser) -> Result<(), StorageFailure>;

    /// Demo representatives, who all share one password hash; their usernames are `sr00001` and so on.
    async fn reps(
        &mut self,
        rows: Rows<'_, SeedRep>,
        shared_hash: &PasswordHash,
    ) -> Result<(), StorageFailure>;

    /// Shops.
    async fn retailers(&mut self, rows: Rows<'_, SeedRetailer>) -> Result<(), StorageFailure>;

    /// Who serves them. All belong to one batch.
    async fn assignments(&mut self, rows: Rows<'_, SeedAssignment>) -> Result<(), StorageFailure>;

    /// Builds again what [`prepare`](Self::prepare) took away, gathers statistics and writes the audit entry.
    async fn finish(&mut self, audit: &AuditEntry) -> Result<(), StorageFailure>;
}

/// Is told how far a seed has come, to show it to whoever waits.
pub trait SeedProgress: Send + Sync {
    /// A step begins that will write `rows` rows; 0 when that is not known.
    fn step(&self, what: &str, rows: u64);
    /// So many more rows of this step are written.
    fn advance(&self, rows: u64);
}
