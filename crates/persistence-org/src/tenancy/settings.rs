use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::tenancy::{SettingsReader, SettingsTx, SettingsWriter, TenantSettings};

use crate::schema::tenants;
use crate::shared::view;
use crate::{OrgDatabase, OrgTx};

#[async_trait]
impl SettingsReader for OrgDatabase {
    async fn of(&self, tenant: TenantId) -> Result<Option<TenantSettings>, StorageFailure> {
        let query = tenants::table
            .filter(tenants::id.eq(tenant.get()).and(tenants::state.eq("active")))
            .select(tenants::mfa_required_for_admins);
        let row: Option<bool> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(row.map(|mfa_required_for_admins| TenantSettings { mfa_required_for_admins }))
    }
}

view!(OrgDatabase, OrgTx as SettingsTx { settings: SettingsWriter });

#[async_trait]
impl SettingsWriter for OrgTx {
    async fn lock(&mut self, tenant: TenantId) -> Result<Option<TenantSettings>, StorageFailure> {
        let query = tenants::table
            .filter(tenants::id.eq(tenant.get()).and(tenants::state.eq("active")))
            .select(tenants::mfa_required_for_admins)
            .for_no_key_update();
        let row: Option<bool> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(row.map(|mfa_required_for_admins| TenantSettings { mfa_required_for_admins }))
    }

    async fn set(&mut self, tenant: TenantId, settings: &TenantSettings) -> Result<(), StorageFailure> {
        let update = diesel::update(tenants::table.find(tenant.get()))
            .set(tenants::mfa_required_for_admins.eq(settings.mfa_required_for_admins));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }
}
