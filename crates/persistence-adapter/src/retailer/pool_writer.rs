use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{
    AddedRetailer, NewRetailer, Notes, Place, PoolRetailer, PoolRetailerTx, PoolRetailerWriter, Retailer,
    RetailerUid, Revision, search_key,
};
use haat_domain::shared::{
    AreaId, DistributorId, Phone, RegionId, RetailerId, StorageFailure, TenantId, TerritoryId, UserId,
};

use super::pool_reader::{Complete, completed};
use super::queries::locked;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::schema::{areas, changes, distributors, retailers, territories};
use crate::shared::{PgTx, statement, view};

statement! {
    /// Deletes a retailer and ends its assignments, with their history and the feed entries.
    Delete = "delete.sql" -> (BigInt, Timestamptz, BigInt) {
        tenant: i64 as BigInt,
        pool_retailer: i64 as BigInt,
        by: i64 as BigInt,
        at: DateTime<Utc> as Timestamptz,
    }
}

#[async_trait]
impl PoolRetailerWriter for PgTx {
    async fn lock_place(
        &mut self,
        tenant: TenantId,
        territory: TerritoryId,
    ) -> Result<Option<Place>, StorageFailure> {
        // Two statements: a join that waited for a move would see the new territory with the old area, and return
        // nothing.
        let row = territories::table.find((tenant.get(), territory.get()));
        let row = row.select(territories::area_id).for_key_share();
        let area: Option<i64> = self.query(async |connection| row.first(connection).await.optional()).await?;
        let Some(area) = area else {
            return Ok(None);
        };
        let row = areas::table.find((tenant.get(), area)).select(areas::region_id).for_key_share();
        let region: i64 = self.query(async |connection| row.first(connection).await).await?;
        Ok(Some(Place { region: RegionId::new(region), area: AreaId::new(area), territory }))
    }

    async fn lock_distributor(
        &mut self,
        tenant: TenantId,
        distributor: DistributorId,
    ) -> Result<bool, StorageFailure> {
        let row = distributors::table.find((tenant.get(), distributor.get()));
        let row = row.select(distributors::id).for_key_share();
        let id: Option<i64> = self.query(async |connection| row.first(connection).await.optional()).await?;
        Ok(id.is_some())
    }

    async fn add(
        &mut self,
        tenant: TenantId,
        pool_retailer: &NewRetailer,
        place: Place,
        at: DateTime<Utc>,
    ) -> Result<AddedRetailer, StorageFailure> {
        let (uid, name) = (pool_retailer.uid.as_str(), pool_retailer.name.as_str());
        // Do nothing on a conflict instead of failing: an error would abort the transaction.
        let insert = diesel::insert_into(retailers::table)
            .values((
                retailers::tenant_id.eq(tenant.get()),
                retailers::uid.eq(uid),
                retailers::name.eq(name),
                retailers::phone.eq(pool_retailer.phone.as_ref().map(Phone::as_str)),
                retailers::region_id.eq(place.region.get()),
                retailers::area_id.eq(place.area.get()),
                retailers::territory_id.eq(place.territory.get()),
                retailers::distributor_id.eq(pool_retailer.distributor.map(DistributorId::get)),
                retailers::points.eq(pool_retailer.points.get()),
                retailers::routes.eq(pool_retailer.routes.as_slice()),
                retailers::notes.eq(pool_retailer.notes.as_ref().map(Notes::as_str)),
                retailers::search_key.eq(search_key(name, &pool_retailer.uid, pool_retailer.phone.as_ref())),
                retailers::created_at.eq(at),
                retailers::updated_at.eq(at),
            ))
            .on_conflict_do_nothing()
            .returning(retailers::id);
        let id: Option<i64> =
            self.query(async |connection| insert.get_result(connection).await.optional()).await?;
        // Read back as stored; other transactions cannot see it yet.
        let stored = self.lock(tenant, &pool_retailer.uid).await?;
        match (id, stored) {
            (Some(id), Some(stored)) => {
                self.fill_word_sounds(tenant).await?;
                self.add_retailer_entry(tenant, RetailerId::new(id), "created").await?;
                Ok(AddedRetailer::Added(Box::new(stored)))
            }
            (_, stored) => Ok(AddedRetailer::Taken {
                deleted: stored.is_some_and(|pool_retailer| pool_retailer.deleted_at.is_some()),
            }),
        }
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<PoolRetailer>, StorageFailure> {
        let mut rows = self.lock_rows(tenant, uid).await?;
        if rows.is_empty()
            && let Some(uid) = self.stored_uid(tenant, uid).await?
        {
            rows = self.lock_rows(tenant, &uid).await?;
        }
        let retailers = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        if retailers.is_empty() {
            return Ok(None);
        }
        // A separate statement, so that it sees the assignments as they are once the lock is held.
        let complete = Complete::of(tenant, &retailers);
        let rows = self.query(async |connection| complete.load(connection).await).await?;
        Ok(completed(retailers, rows)?.pop())
    }

    async fn update(
        &mut self,
        tenant: TenantId,
        pool_retailer: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure> {
        let phone = pool_retailer.phone.as_ref().map(Phone::as_str);
        let update = diesel::update(retailers::table.find((tenant.get(), pool_retailer.id.get())))
            .set((
                retailers::name.eq(&pool_retailer.name),
                retailers::phone.eq(phone),
                retailers::region_id.eq(pool_retailer.region.get()),
                retailers::area_id.eq(pool_retailer.area.get()),
                retailers::territory_id.eq(pool_retailer.territory.get()),
                retailers::distributor_id.eq(pool_retailer.distributor.map(DistributorId::get)),
                retailers::points.eq(pool_retailer.points),
                retailers::routes.eq(&pool_retailer.routes),
                retailers::notes.eq(&pool_retailer.notes),
                retailers::search_key.eq(search_key(
                    &pool_retailer.name,
                    &pool_retailer.uid,
                    pool_retailer.phone.as_ref(),
                )),
                retailers::version.eq(pool_retailer.version + 1),
                // Clocks of two machines differ, and a list in order of this time must not go back.
                retailers::updated_at.eq(at.max(pool_retailer.updated_at)),
            ))
            .returning((retailers::version, retailers::updated_at));
        let (version, updated_at): (i64, DateTime<Utc>) =
            self.query(async |connection| update.get_result(connection).await).await?;
        self.fill_word_sounds(tenant).await?;
        self.add_retailer_entry(tenant, pool_retailer.id, "updated").await?;
        Ok(Revision { version, updated_at })
    }

    async fn delete(
        &mut self,
        tenant: TenantId,
        pool_retailer: &Retailer,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(Revision, i64), StorageFailure> {
        let statement =
            Delete { tenant: tenant.get(), pool_retailer: pool_retailer.id.get(), by: by.get(), at };
        let (version, updated_at, ended): (i64, DateTime<Utc>, i64) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok((Revision { version, updated_at }, ended))
    }

    async fn restore(
        &mut self,
        tenant: TenantId,
        pool_retailer: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure> {
        let update = diesel::update(retailers::table.find((tenant.get(), pool_retailer.id.get())))
            .set((
                retailers::deleted_at.eq(None::<DateTime<Utc>>),
                retailers::version.eq(pool_retailer.version + 1),
                retailers::updated_at.eq(at.max(pool_retailer.updated_at)),
            ))
            .returning((retailers::version, retailers::updated_at));
        let (version, updated_at): (i64, DateTime<Utc>) =
            self.query(async |connection| update.get_result(connection).await).await?;
        self.add_retailer_entry(tenant, pool_retailer.id, "restored").await?;
        Ok(Revision { version, updated_at })
    }
}

impl PgTx {
    async fn lock_rows(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        let row = locked(tenant, uid);
        self.query(async |connection| row.load(connection).await).await
    }

    /// Writes a feed entry for a retailer.
    async fn add_retailer_entry(
        &mut self,
        tenant: TenantId,
        pool_retailer: RetailerId,
        kind: &'static str,
    ) -> Result<(), StorageFailure> {
        let entry = diesel::insert_into(changes::table).values((
            changes::tenant_id.eq(tenant.get()),
            changes::entity.eq("retailer"),
            changes::entity_id.eq(pool_retailer.get()),
            changes::kind.eq(kind),
        ));
        self.query(async |connection| entry.execute(connection).await).await?;
        Ok(())
    }
}

view!(PgDatabase, PgTx as PoolRetailerTx { retailers: PoolRetailerWriter });
