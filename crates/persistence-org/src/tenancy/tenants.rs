use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::tenancy::{TenantName, TenantReader, TenantSlug, TenantTx, TenantWriter};

use crate::schema::tenants;
use crate::shared::view;
use crate::{OrgDatabase, OrgTx};

#[async_trait]
impl TenantReader for OrgDatabase {
    async fn id_of(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure> {
        let query = tenants::table
            .filter(tenants::slug.eq(slug.as_str()).and(tenants::state.eq("active")))
            .select(tenants::id);
        let id: Option<i64> = self.query(async |connection| query.first(connection).await.optional()).await?;
        Ok(id.map(TenantId::new))
    }
}

view!(OrgDatabase, OrgTx as TenantTx { tenants: TenantWriter });

#[async_trait]
impl TenantWriter for OrgTx {
    async fn insert(
        &mut self,
        slug: &TenantSlug,
        name: &TenantName,
    ) -> Result<Option<TenantId>, StorageFailure> {
        let insert = diesel::insert_into(tenants::table)
            .values((tenants::slug.eq(slug.as_str()), tenants::name.eq(name.as_str())))
            .on_conflict_do_nothing()
            .returning(tenants::id);
        let id: Option<i64> =
            self.query(async |connection| insert.get_result(connection).await.optional()).await?;
        Ok(id.map(TenantId::new))
    }
}
