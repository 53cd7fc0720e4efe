use async_trait::async_trait;
use haat_domain::audit::AuditEntry;
use haat_domain::auth::PasswordHash;
use haat_domain::people::NewUser;
use haat_domain::shared::{StorageFailure, TenantId, Transaction};
use haat_domain::tenancy::TenantSlug;

use crate::{
    SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedRegion, SeedRep, SeedRetailer, SeedStaff,
    SeedTeam, SeedTerritory,
};

/// Rows that are generated while they are written, so that a million of them take no memory.
pub type Rows<'a, T> = Box<dyn Iterator<Item = T> + Send + 'a>;

/// Opens the transaction of a seed.
#[async_trait]
pub trait BeginSeed: Send + Sync {
    /// Opens the transaction if the tenant has no retailers, places or users yet, and prevents other
    /// transactions from adding any in the meantime; `None` if it has some. The seed becomes visible at the
    /// commit, all of it or nothing.
    ///
    /// # Errors
    /// [`StorageFailure`]; an unknown tenant is [`StorageFailure::Broken`].
    async fn begin(&self, tenant: &TenantSlug) -> Result<Option<Box<dyn SeedTx>>, StorageFailure>;
}

/// Writes a seed, each kind of row in one stream. The ids of the seed are mapped to free database ids, in
/// order. The methods must be called in the order of their declaration.
#[async_trait]
pub trait SeedTx: Transaction {
    /// Returns the tenant of the seed.
    fn tenant(&self) -> TenantId;

    /// Drops secondary indexes and foreign keys that are cheaper to build after the load.
    /// [`finish`](Self::finish) rebuilds them. Before the commit, other transactions do not see them missing.
    async fn prepare(&mut self) -> Result<(), StorageFailure>;

    /// Writes regions, areas, territories and their alternative spellings.
    async fn places(
        &mut self,
        regions: &[SeedRegion],
        areas: &[SeedArea],
        territories: &[SeedTerritory],
        aliases: &[SeedPlaceAlias],
    ) -> Result<(), StorageFailure>;

    /// Writes distributors.
    async fn distributors(&mut self, rows: Rows<'_, SeedDistributor>) -> Result<(), StorageFailure>;

    /// Writes the demo administrator.
    async fn admin(&mut self, user: &NewUser) -> Result<(), StorageFailure>;

    /// Writes demo sales reps, who all share one password hash; their usernames are `sr00001` and so on.
    async fn reps(
        &mut self,
        rows: Rows<'_, SeedRep>,
        shared_hash: &PasswordHash,
    ) -> Result<(), StorageFailure>;

    /// Writes retailers.
    async fn retailers(&mut self, rows: Rows<'_, SeedRetailer>) -> Result<(), StorageFailure>;

    /// Writes assignments. All belong to one batch.
    async fn assignments(&mut self, rows: Rows<'_, SeedAssignment>) -> Result<(), StorageFailure>;

    /// Writes teams with their members, and the users of the other roles with their grants. They share the password hash of the
    /// sales reps.
    async fn company(
        &mut self,
        teams: &[SeedTeam],
        staff: &[SeedStaff],
        shared_hash: &PasswordHash,
    ) -> Result<(), StorageFailure>;

    /// Rebuilds the objects that [`prepare`](Self::prepare) dropped, gathers statistics and writes the audit
    /// entry.
    async fn finish(&mut self, audit: &AuditEntry) -> Result<(), StorageFailure>;
}

/// Receives the progress of a seed, to display it.
pub trait SeedProgress: Send + Sync {
    /// Starts a step that will write `rows` rows; 0 if the number is not known.
    fn step(&self, what: &str, rows: u64);
    /// Reports that `rows` more rows of this step are written.
    fn advance(&self, rows: u64);
}
