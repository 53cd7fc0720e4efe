use async_trait::async_trait;
use haat_domain::audit::AuditEntry;
use haat_domain::auth::{Email, PasswordHash};
use haat_domain::people::{NewUser, person_search_key};
use haat_domain::shared::{Phone, Role, StorageFailure, TenantId, Transaction};
use haat_persistence_adapter::bulk::{cells, copy, raw_failure};
use haat_persistence_adapter::{DatabaseConfig, PgDatabase, snapshot_json};
use tokio_postgres::Client;

use super::company;
use super::deferred::Deferred;
use super::offsets::{Offsets, advance, highest_id};
use super::targets::{
    ALIASES, AREAS, ASSIGNMENTS, DISTRIBUTORS, REGIONS, RETAILERS, SALES_REPS, TERRITORIES, USERS,
};
use crate::{
    Rows, SeedArea, SeedAssignment, SeedDistributor, SeedPlaceAlias, SeedPlaceKind, SeedRegion, SeedRep,
    SeedRetailer, SeedStaff, SeedTeam, SeedTerritory, SeedTx,
};

/// The single transaction of a seed. If dropped before its commit, it closes the connection and PostgreSQL rolls back.
pub(super) struct PgSeedTx {
    config: DatabaseConfig,
    client: Client,
    tenant: TenantId,
    offsets: Offsets,
    deferred: Deferred,
}

impl PgSeedTx {
    pub(super) async fn begin(
        client: Client,
        tenant: TenantId,
        config: DatabaseConfig,
    ) -> Result<Self, StorageFailure> {
        client
            .batch_execute(
                "BEGIN; LOCK TABLE regions, areas, territories, distributors, users, retailers, \
                 sales_rep_retailers IN SHARE ROW EXCLUSIVE MODE",
            )
            .await
            .map_err(raw_failure)?;
        Ok(Self { config, client, tenant, offsets: Offsets::default(), deferred: Deferred::default() })
    }

    /// Returns the connection of the transaction.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }
}

#[async_trait]
impl Transaction for PgSeedTx {
    /// Does nothing: the dedicated connection is closed on drop, which rolls back.
    async fn roll_back(self: Box<Self>) {}

    async fn commit(self: Box<Self>) -> Result<(), StorageFailure> {
        self.client.batch_execute("COMMIT").await.map_err(raw_failure)?;
        PgDatabase::new(&self.config)?.fill_word_sounds().await?;
        // Otherwise the first readers would set a million hint bits. VACUUM cannot run inside the transaction.
        for table in ["retailers", "sales_rep_retailers"] {
            if let Err(error) = self.client.batch_execute(&format!("VACUUM {table}")).await {
                tracing::warn!(%error, table, "vacuum after the seed failed; autovacuum will do it");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SeedTx for PgSeedTx {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    async fn prepare(&mut self) -> Result<(), StorageFailure> {
        let row = self
            .client
            .query_one(
                "SELECT EXISTS (SELECT FROM retailers) OR EXISTS (SELECT FROM sales_rep_retailers)",
                &[],
            )
            .await
            .map_err(raw_failure)?;
        if !row.get::<_, bool>(0) {
            self.deferred = Deferred::drop_from_tables(&self.client).await?;
        }
        Ok(())
    }

    async fn places(
        &mut self,
        regions: &[SeedRegion],
        areas: &[SeedArea],
        territories: &[SeedTerritory],
        aliases: &[SeedPlaceAlias],
    ) -> Result<(), StorageFailure> {
        let tenant = self.tenant.get();
        self.offsets.region = highest_id(&self.client, REGIONS.table).await?;
        self.offsets.area = highest_id(&self.client, AREAS.table).await?;
        self.offsets.territory = highest_id(&self.client, TERRITORIES.table).await?;
        let Offsets { region, area, territory, .. } = self.offsets;
        copy(&self.client, &REGIONS, regions.iter(), move |row, cells| {
            cells.write(cells![tenant, region + row.id, row.name.as_str(), row.name_bn.as_str()]);
        })
        .await?;
        copy(&self.client, &AREAS, areas.iter(), move |row, cells| {
            let (name, name_bn) = (row.name.as_str(), row.name_bn.as_str());
            cells.write(cells![tenant, area + row.id, region + row.region, name, name_bn]);
        })
        .await?;
        copy(&self.client, &TERRITORIES, territories.iter(), move |row, cells| {
            let (name, name_bn) = (row.name.as_str(), row.name_bn.as_str());
            cells.write(cells![tenant, territory + row.id, area + row.area, name, name_bn]);
        })
        .await?;
        copy(&self.client, &ALIASES, aliases.iter(), move |row, cells| {
            let (kind, ids) = match row.kind {
                SeedPlaceKind::Region => ("region", [Some(region + row.place), None, None]),
                SeedPlaceKind::Area => ("area", [None, Some(area + row.place), None]),
                SeedPlaceKind::Territory => ("territory", [None, None, Some(territory + row.place)]),
            };
            let [in_region, in_area, in_territory] = ids;
            cells.write(cells![tenant, kind, in_region, in_area, in_territory, row.alias.as_str()]);
        })
        .await?;
        for table in [REGIONS.table, AREAS.table, TERRITORIES.table] {
            advance(&self.client, table).await?;
        }
        Ok(())
    }

    async fn distributors(&mut self, rows: Rows<'_, SeedDistributor>) -> Result<(), StorageFailure> {
        self.offsets.distributor = highest_id(&self.client, DISTRIBUTORS.table).await?;
        let (tenant, offset) = (self.tenant.get(), self.offsets.distributor);
        copy(&self.client, &DISTRIBUTORS, rows, move |row, cells| {
            cells.write(cells![tenant, offset + row.id, row.name.as_str()]);
        })
        .await?;
        advance(&self.client, DISTRIBUTORS.table).await
    }

    async fn admin(&mut self, user: &NewUser) -> Result<(), StorageFailure> {
        let (username, name) = (user.username.as_str(), user.name.as_str());
        self.client
            .execute(
                "INSERT INTO users (tenant_id, username, name, phone, email, password_hash, role, search_key) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &self.tenant.get(),
                    &username,
                    &name,
                    &user.phone.as_ref().map(Phone::as_str),
                    &user.email.as_ref().map(Email::as_str),
                    &user.password_hash.expose(),
                    &user.role().map(Role::as_str),
                    &person_search_key(name, username, user.phone.as_ref(), user.email.as_ref(), None),
                ],
            )
            .await
            .map_err(raw_failure)?;
        Ok(())
    }

    async fn reps(
        &mut self,
        rows: Rows<'_, SeedRep>,
        shared_hash: &PasswordHash,
    ) -> Result<(), StorageFailure> {
        self.offsets.user = highest_id(&self.client, USERS.table).await?;
        let (tenant, offset) = (self.tenant.get(), self.offsets.user);
        let hash = shared_hash.expose();
        let count = copy(&self.client, &USERS, rows, move |row, cells| {
            let username = format!("sr{:05}", row.number);
            let (name, phone) = (row.name.as_str(), row.phone.as_str());
            let key = person_search_key(name, &username, Some(&row.phone), None, None);
            let role = Role::SalesRep.as_str();
            cells.write(cells![tenant, offset + row.number, username, name, phone, hash, role, key]);
        })
        .await?;
        copy(
            &self.client,
            &SALES_REPS,
            1..=i64::try_from(count).unwrap_or(i64::MAX),
            move |number, cells| {
                cells.write(cells![tenant, offset + number]);
            },
        )
        .await?;
        advance(&self.client, USERS.table).await
    }

    async fn retailers(&mut self, rows: Rows<'_, SeedRetailer>) -> Result<(), StorageFailure> {
        self.offsets.retailer = highest_id(&self.client, RETAILERS.table).await?;
        let tenant = self.tenant.get();
        let Offsets { region, area, territory, distributor, retailer, .. } = self.offsets;
        copy(&self.client, &RETAILERS, rows, move |row, cells| {
            cells.write(cells![
                tenant,
                retailer + row.number,
                row.uid.as_str(),
                row.name.as_str(),
                row.phone.as_ref().map(Phone::as_str),
                row.phone_raw.as_deref(),
                region + row.region,
                area + row.area,
                territory + row.territory,
                distributor + row.distributor,
                row.points,
                row.routes.as_slice(),
                row.notes.as_deref(),
                row.search_key.as_str(),
                row.created_at,
                row.created_at,
            ]);
        })
        .await?;
        advance(&self.client, RETAILERS.table).await
    }

    async fn assignments(&mut self, rows: Rows<'_, SeedAssignment>) -> Result<(), StorageFailure> {
        let tenant = self.tenant.get();
        let row = self
            .client
            .query_one(
                "INSERT INTO batches (tenant_id, kind, state, applied_at) VALUES ($1, 'seed', 'applied', now()) RETURNING id",
                &[&tenant],
            )
            .await
            .map_err(raw_failure)?;
        let batch: i64 = row.get(0);
        let Offsets { user, retailer, .. } = self.offsets;
        let count = copy(&self.client, &ASSIGNMENTS, rows, move |row, cells| {
            cells.write(cells![
                tenant,
                user + row.rep,
                retailer + row.retailer,
                row.uid.as_str(),
                &row.name,
                row.assigned_at,
                batch
            ]);
        })
        .await?;
        let counts = serde_json::json!({ "assigned": count });
        self.client
            .execute(
                "UPDATE batches SET counts = $3 WHERE tenant_id = $1 AND id = $2",
                &[&tenant, &batch, &counts],
            )
            .await
            .map_err(raw_failure)?;
        self.client
            .execute(
                "INSERT INTO changes (tenant_id, entity, kind, batch_id) VALUES ($1, 'retailer', 'seed', $2)",
                &[&tenant, &batch],
            )
            .await
            .map_err(raw_failure)?;
        Ok(())
    }

    async fn company(
        &mut self,
        teams: &[SeedTeam],
        staff: &[SeedStaff],
        shared_hash: &PasswordHash,
    ) -> Result<(), StorageFailure> {
        company::add(&self.client, self.tenant, &self.offsets, (teams, staff), shared_hash).await
    }

    async fn finish(&mut self, audit: &AuditEntry) -> Result<(), StorageFailure> {
        std::mem::take(&mut self.deferred).recreate(&self.client).await?;
        self.client
            .execute(
                "INSERT INTO audit_logs (tenant_id, occurred_at, action, entity, entity_id, after) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &audit.tenant.get(),
                    &audit.at,
                    &audit.action.as_str(),
                    &audit.action.entity().as_str(),
                    &audit.entity_id,
                    &audit.after.as_ref().map(snapshot_json),
                ],
            )
            .await
            .map_err(raw_failure)?;
        self.client
            .batch_execute(
                "ANALYZE regions, areas, territories, distributors, users, user_roles, sales_reps, teams, team_members, \
                 retailers, sales_rep_retailers",
            )
            .await
            .map_err(raw_failure)
    }
}
