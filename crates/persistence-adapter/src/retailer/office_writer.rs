use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{
    AddedRetailer, NewRetailer, Notes, OfficeRetailer, OfficeRetailerTx, OfficeRetailerWriter, Place,
    Retailer, RetailerUid, Revision, search_key,
};
use haat_domain::shared::{
    AreaId, Begin, DistributorId, Phone, RegionId, RetailerId, StorageFailure, TenantId, TerritoryId, UserId,
};

use super::office_reader::{Complete, completed};
use super::queries::locked;
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::schema::{areas, changes, distributors, retailers, territories};
use crate::shared::{PgTx, statement};

statement! {
    /// Deletes a shop and ends its assignments, with their history and lines of the change feed.
    Delete = "delete.sql" -> (BigInt, Timestamptz, BigInt) {
        tenant: i64 as BigInt,
        shop: i64 as BigInt,
        by: i64 as BigInt,
        at: DateTime<Utc> as Timestamptz,
    }
}

#[async_trait]
impl OfficeRetailerWriter for PgTx {
    async fn lock_place(
        &mut self,
        tenant: TenantId,
        territory: TerritoryId,
    ) -> Result<Option<Place>, StorageFailure> {
        // One after the other: a join that had to wait for a move would find the new territory and the old area, and so
        // nothing.
        let found = territories::table.find((tenant.get(), territory.get()));
        let found = found.select(territories::area_id).for_key_share();
        let area: Option<i64> = self.ask(async |connection| found.first(connection).await.optional()).await?;
        let Some(area) = area else {
            return Ok(None);
        };
        let found = areas::table.find((tenant.get(), area)).select(areas::region_id).for_key_share();
        let region: i64 = self.ask(async |connection| found.first(connection).await).await?;
        Ok(Some(Place { region: RegionId::new(region), area: AreaId::new(area), territory }))
    }

    async fn lock_distributor(
        &mut self,
        tenant: TenantId,
        distributor: DistributorId,
    ) -> Result<bool, StorageFailure> {
        let found = distributors::table.find((tenant.get(), distributor.get()));
        let found = found.select(distributors::id).for_key_share();
        let id: Option<i64> = self.ask(async |connection| found.first(connection).await.optional()).await?;
        Ok(id.is_some())
    }

    async fn add(
        &mut self,
        tenant: TenantId,
        shop: &NewRetailer,
        place: Place,
        at: DateTime<Utc>,
    ) -> Result<AddedRetailer, StorageFailure> {
        let (uid, name) = (shop.uid.as_str(), shop.name.as_str());
        // Do nothing on a conflict instead of failing: an error would poison the transaction.
        let insert = diesel::insert_into(retailers::table)
            .values((
                retailers::tenant_id.eq(tenant.get()),
                retailers::uid.eq(uid),
                retailers::name.eq(name),
                retailers::phone.eq(shop.phone.as_ref().map(Phone::as_str)),
                retailers::region_id.eq(place.region.get()),
                retailers::area_id.eq(place.area.get()),
                retailers::territory_id.eq(place.territory.get()),
                retailers::distributor_id.eq(shop.distributor.map(DistributorId::get)),
                retailers::points.eq(shop.points.get()),
                retailers::routes.eq(shop.routes.as_slice()),
                retailers::notes.eq(shop.notes.as_ref().map(Notes::as_str)),
                retailers::search_key.eq(search_key(name, &shop.uid, shop.phone.as_ref())),
                retailers::created_at.eq(at),
                retailers::updated_at.eq(at),
            ))
            .on_conflict((retailers::tenant_id, retailers::uid))
            .do_nothing()
            .returning(retailers::id);
        let id: Option<i64> =
            self.ask(async |connection| insert.get_result(connection).await.optional()).await?;
        // Read as it was stored; nobody else can see it yet.
        let stored = self.lock(tenant, &shop.uid).await?;
        match (id, stored) {
            (Some(id), Some(stored)) => {
                self.tell_of_shop(tenant, RetailerId::new(id), "created").await?;
                Ok(AddedRetailer::Added(Box::new(stored)))
            }
            (_, stored) => {
                Ok(AddedRetailer::Taken { deleted: stored.is_some_and(|shop| shop.deleted_at.is_some()) })
            }
        }
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<OfficeRetailer>, StorageFailure> {
        let row = locked(tenant, uid);
        let rows: Vec<RetailerRow> = self.ask(async |connection| row.load(connection).await).await?;
        let shops = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        if shops.is_empty() {
            return Ok(None);
        }
        // A statement of its own: who serves it is what it is once the lock is there.
        let complete = Complete::of(tenant, &shops);
        let rows = self.ask(async |connection| complete.load(connection).await).await?;
        Ok(completed(shops, rows)?.pop())
    }

    async fn update(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure> {
        let phone = shop.phone.as_ref().map(Phone::as_str);
        let update = diesel::update(retailers::table.find((tenant.get(), shop.id.get())))
            .set((
                retailers::name.eq(&shop.name),
                retailers::phone.eq(phone),
                retailers::region_id.eq(shop.region.get()),
                retailers::area_id.eq(shop.area.get()),
                retailers::territory_id.eq(shop.territory.get()),
                retailers::distributor_id.eq(shop.distributor.map(DistributorId::get)),
                retailers::points.eq(shop.points),
                retailers::routes.eq(&shop.routes),
                retailers::notes.eq(&shop.notes),
                retailers::search_key.eq(search_key(&shop.name, &shop.uid, shop.phone.as_ref())),
                retailers::version.eq(shop.version + 1),
                // Clocks of two machines differ; a list in order of this time must not go back.
                retailers::updated_at.eq(at.max(shop.updated_at)),
            ))
            .returning((retailers::version, retailers::updated_at));
        let (version, updated_at): (i64, DateTime<Utc>) =
            self.ask(async |connection| update.get_result(connection).await).await?;
        self.tell_of_shop(tenant, shop.id, "updated").await?;
        Ok(Revision { version, updated_at })
    }

    async fn delete(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<(Revision, i64), StorageFailure> {
        let statement = Delete { tenant: tenant.get(), shop: shop.id.get(), by: by.get(), at };
        let (version, updated_at, ended): (i64, DateTime<Utc>, i64) =
            self.ask(async |connection| statement.get_result(connection).await).await?;
        Ok((Revision { version, updated_at }, ended))
    }

    async fn restore(
        &mut self,
        tenant: TenantId,
        shop: &Retailer,
        at: DateTime<Utc>,
    ) -> Result<Revision, StorageFailure> {
        let update = diesel::update(retailers::table.find((tenant.get(), shop.id.get())))
            .set((
                retailers::deleted_at.eq(None::<DateTime<Utc>>),
                retailers::version.eq(shop.version + 1),
                retailers::updated_at.eq(at.max(shop.updated_at)),
            ))
            .returning((retailers::version, retailers::updated_at));
        let (version, updated_at): (i64, DateTime<Utc>) =
            self.ask(async |connection| update.get_result(connection).await).await?;
        self.tell_of_shop(tenant, shop.id, "restored").await?;
        Ok(Revision { version, updated_at })
    }
}

impl PgTx {
    /// A line of the change feed for a shop.
    async fn tell_of_shop(
        &mut self,
        tenant: TenantId,
        shop: RetailerId,
        kind: &'static str,
    ) -> Result<(), StorageFailure> {
        let line = diesel::insert_into(changes::table).values((
            changes::tenant_id.eq(tenant.get()),
            changes::entity.eq("retailer"),
            changes::entity_id.eq(shop.get()),
            changes::kind.eq(kind),
        ));
        self.ask(async |connection| line.execute(connection).await).await?;
        Ok(())
    }
}

#[async_trait]
impl Begin<dyn OfficeRetailerTx> for PgDatabase {
    async fn begin(&self) -> Result<Box<dyn OfficeRetailerTx>, StorageFailure> {
        Ok(self.open().await?)
    }
}

impl OfficeRetailerTx for PgTx {
    fn shops(&mut self) -> &mut dyn OfficeRetailerWriter {
        self
    }
}
