use std::sync::Arc;

use haat_domain::retailer::{AddedRetailer, NewRetailer, OfficeRetailerTx};
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{lock_places, map_with, members, on_map};
use super::{FoundInPool, UnknownPlaces};
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, finish};

/// A shop to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRetailerInput {
    /// The shop.
    pub shop: NewRetailer,
    /// How it is asked for.
    pub change: Change,
}

/// Why no shop was added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRetailerError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// It names places that are not there.
    #[error("unknown places")]
    Unknown(UnknownPlaces),
    /// Another shop has its uid, and keeps it when it is deleted.
    #[error("the uid is taken")]
    Taken {
        /// Whether that one is deleted.
        deleted: bool,
    },
}

impl From<StorageFailure> for CreateRetailerError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Adds a shop to the pool. Area and region are those in which its territory lies.
pub struct CreateRetailer {
    db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl CreateRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// The new shop. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`CreateRetailerError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreateRetailerInput,
        receipt: &(dyn Fn(&FoundInPool) -> Receipt + Sync),
    ) -> Result<Done<FoundInPool>, CreateRetailerError> {
        actor.check(Permission::ManageRetailers)?;
        let (tenant, new) = (actor.tenant, &input.shop);
        let map = map_with(&*self.maps, tenant, Some(new.territory), new.distributor).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let (place, unknown) = lock_places(tx.shops(), tenant, Some(new.territory), new.distributor).await?;
        let place = match place {
            Some(place) if unknown.is_none() => place,
            _ => {
                tx.roll_back().await;
                return Err(CreateRetailerError::Unknown(unknown));
            }
        };
        let at = self.clock.now();
        let shop = match tx.shops().add(tenant, new, place, at).await? {
            AddedRetailer::Added(shop) => *shop,
            AddedRetailer::Taken { deleted } => {
                tx.roll_back().await;
                return Err(CreateRetailerError::Taken { deleted });
            }
        };
        let created = Changed {
            action: "retailer.create",
            entity: "retailer",
            id: new.uid.as_str().to_owned(),
            before: None,
            after: Some(members(&shop.retailer)),
        };
        tx.audit().record(&[created.by(actor, &input.change, at)]).await?;
        let found = on_map(shop, map)?;
        finish(tx, actor, &input.change, || receipt(&found)).await?;
        Ok(Done::Now(found))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::{MockOfficeRetailerWriter, Points, RetailerUid, Routes, ShopName};
    use haat_domain::shared::{DistributorId, TerritoryId};

    use super::*;
    use crate::retailer::office::testing::{World, admin, audited, place, receipt};
    use crate::testing::{actor, noon, office_shop};

    fn input() -> CreateRetailerInput {
        let shop = NewRetailer {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            name: ShopName::parse("Shop 1").unwrap(),
            phone: None,
            territory: TerritoryId::new(1),
            distributor: None,
            points: Points::parse(0).unwrap(),
            routes: Routes::default(),
            notes: None,
        };
        CreateRetailerInput { shop, change: Change { request_id: "r-1".into(), ..Change::default() } }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &CreateRetailerInput,
    ) -> (Result<Done<FoundInPool>, CreateRetailerError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = CreateRetailer::new(db, maps, clock).execute(actor, input, &receipt).await;
        (result, committed())
    }

    fn adding(outcome: AddedRetailer) -> MockOfficeRetailerWriter {
        let mut shops = MockOfficeRetailerWriter::new();
        shops.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        shops
            .expect_add()
            .times(1)
            .withf(|tenant, new, at, when| {
                *tenant == actor().tenant && new.uid.as_str() == "RTL-1" && *at == place() && *when == noon()
            })
            .return_once(move |_, _, _, _| Ok(outcome));
        shops
    }

    #[tokio::test]
    async fn a_shop_is_added_where_its_territory_lies_and_audited() {
        let world = World::of(adding(AddedRetailer::Added(Box::new(office_shop(1))))).auditing(audited(
            "retailer.create",
            &[],
            &["name", "version"],
        ));
        let (result, committed) = execute(world, &admin(), &input()).await;
        let Ok(Done::Now(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.shop, committed), (office_shop(1), true));
    }

    #[tokio::test]
    async fn a_trial_adds_nothing() {
        let world = World::of(adding(AddedRetailer::Added(Box::new(office_shop(1))))).auditing(audited(
            "retailer.create",
            &[],
            &["name"],
        ));
        let trial =
            CreateRetailerInput { change: Change { validate_only: true, ..input().change }, ..input() };
        let (result, committed) = execute(world, &admin(), &trial).await;
        assert!(matches!(result, Ok(Done::Now(_))) && !committed);
    }

    #[tokio::test]
    async fn a_uid_that_is_taken_adds_nothing() {
        for deleted in [false, true] {
            let world = World::of(adding(AddedRetailer::Taken { deleted }));
            let (result, committed) = execute(world, &admin(), &input()).await;
            assert_eq!((result, committed), (Err(CreateRetailerError::Taken { deleted }), false));
        }
    }

    #[tokio::test]
    async fn all_unknown_places_are_told_at_once() {
        let mut shops = MockOfficeRetailerWriter::new();
        shops.expect_lock_place().returning(|_, _| Ok(None));
        shops.expect_lock_distributor().returning(|_, _| Ok(false));
        let shop = NewRetailer { distributor: Some(DistributorId::new(9)), ..input().shop };
        let (result, committed) =
            execute(World::of(shops), &admin(), &CreateRetailerInput { shop, ..input() }).await;
        let unknown = UnknownPlaces { territory: true, distributor: true };
        assert_eq!((result, committed), (Err(CreateRetailerError::Unknown(unknown)), false));
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let (result, _) = execute(World::closed(), &actor(), &input()).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
