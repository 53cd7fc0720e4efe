use std::time::Duration;

use async_trait::async_trait;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::DatabaseConfig;
use haat_persistence_adapter::bulk::{connect_raw, raw_failure};
use tokio_postgres::Client;

use super::writer::PgSeedTx;
use crate::{BeginSeed, SeedTx};

/// Seeds a database as its owner (it drops and recreates indexes), on a dedicated connection.
pub struct PgSeeder {
    config: DatabaseConfig,
}

impl PgSeeder {
    /// Creates a seeder for the database of `config`, whose user must own the tables.
    #[must_use]
    pub fn new(config: &DatabaseConfig) -> Self {
        Self { config: DatabaseConfig { statement_timeout: Duration::ZERO, ..config.clone() } }
    }
}

async fn tenant_id(client: &Client, slug: &TenantSlug) -> Result<TenantId, StorageFailure> {
    let row = client
        .query_opt("SELECT id FROM tenants WHERE slug = $1 AND state = 'active'", &[&slug.as_str()])
        .await
        .map_err(raw_failure)?
        .ok_or_else(|| StorageFailure::Broken(format!("tenant {} not found", slug.as_str())))?;
    Ok(TenantId::new(row.get(0)))
}

/// Returns whether the tenant has no retailers, places or users: demo logins have public passwords and must not be
/// mixed with real ones.
async fn is_empty(client: &Client, tenant: TenantId) -> Result<bool, StorageFailure> {
    let row = client
        .query_one(
            "SELECT NOT EXISTS (SELECT FROM retailers WHERE tenant_id = $1) \
                AND NOT EXISTS (SELECT FROM regions WHERE tenant_id = $1) \
                AND NOT EXISTS (SELECT FROM users WHERE tenant_id = $1)",
            &[&tenant.get()],
        )
        .await
        .map_err(raw_failure)?;
    Ok(row.get(0))
}

#[async_trait]
impl BeginSeed for PgSeeder {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Option<Box<dyn SeedTx>>, StorageFailure> {
        let client = connect_raw(&self.config).await?;
        let tenant = tenant_id(&client, tenant).await?;
        // Checked before the lock, so that the check blocks no other transaction, and again under the lock, in case two
        // seeds start at once.
        if !is_empty(&client, tenant).await? {
            return Ok(None);
        }
        let tx = PgSeedTx::begin(client, tenant, self.config.clone()).await?;
        let empty = is_empty(tx.client(), tenant).await?;
        Ok(empty.then(|| Box::new(tx) as Box<dyn SeedTx>))
    }
}
