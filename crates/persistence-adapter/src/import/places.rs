//! Places that a file names and the sales map does not have.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use haat_domain::import::{ImportActor, ImportId};
use haat_domain::shared::{BatchId, StorageFailure, TenantId};
use haat_domain::territory::PlaceWriter;

use super::statements::{CreateAreas, CreateDistributors, CreateRegions, CreateTerritories};
use crate::schema::import_places;
use crate::shared::{PgTx, statement};

statement! {
    /// Locks the sales map against changes until the transaction ends. Retailers can still be written.
    HoldMap = "hold_map.sql" -> (Bool,) { tenant: i64 as BigInt }
}

statement! {
    /// Deletes places that only rows with errors name.
    NeededPlaces = "needed_places.sql" -> (BigInt,) { tenant: i64 as BigInt, import: i64 as BigInt }
}

impl PgTx {
    pub(super) async fn hold_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure> {
        let statement = HoldMap { tenant: tenant.get() };
        let _: (bool,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    /// Deletes places that only rows with errors name.
    pub(super) async fn delete_unneeded_places(
        &mut self,
        tenant: TenantId,
        import: ImportId,
    ) -> Result<(), StorageFailure> {
        let needed = NeededPlaces { tenant: tenant.get(), import: import.get() };
        let _: (i64,) = self.query(async |connection| needed.get_result(connection).await).await?;
        Ok(())
    }

    /// Creates the missing places, parents first, one statement for each kind.
    pub(super) async fn create_places(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        batch: BatchId,
        actor: ImportActor,
        request_id: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure> {
        let key = import_places::tenant_id.eq(tenant.get()).and(import_places::import_id.eq(import.get()));
        let any = diesel::select(diesel::dsl::exists(import_places::table.filter(key)));
        if !self.query(async |connection| any.get_result::<bool>(connection).await).await? {
            return Ok(());
        }
        PlaceWriter::lock_map(self, tenant).await?;
        self.delete_unneeded_places(tenant, import).await?;
        let (tenant, import, batch) = (tenant.get(), import.get(), batch.get());
        let actor_id = actor.user.map(|(user, _)| user.get());
        let role = actor.user.map(|(_, role)| role.as_str());
        macro_rules! create {
            ($($statement:ident),+) => {$(
                let statement = $statement {
                    tenant, import, batch, actor: actor_id, role, request_id: request_id.to_owned(), at,
                };
                let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
            )+};
        }
        create!(CreateRegions, CreateAreas, CreateTerritories, CreateDistributors);
        Ok(())
    }
}
