use std::sync::Arc;

use haat_domain::retailer::{OfficeRetailer, OfficeRetailerTx, Retailer};
use haat_domain::shared::{Begin, Clock, Receipt};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{map_with, on_map};
use super::{DeletionError, DeletionInput, FoundInPool, fits};
use crate::shared::{Actor, Begun, Changed, Done, Permission, begin, finish};

/// Puts a deleted shop back into the pool. Who served it does not do so again by that.
pub struct RestoreRetailer {
    db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl RestoreRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// The shop as it is afterwards. One that is not deleted stays as it is, whatever version is expected.
    ///
    /// # Errors
    /// [`DeletionError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &DeletionInput,
        receipt: &(dyn Fn(&FoundInPool) -> Receipt + Sync),
    ) -> Result<Done<FoundInPool>, DeletionError> {
        actor.check(Permission::ManageRetailers)?;
        let map = map_with(&*self.maps, actor.tenant, None, None).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let Some(mut shop) = tx.shops().lock(actor.tenant, &input.uid).await? else {
            tx.roll_back().await;
            return Err(DeletionError::NotFound);
        };
        if let Some(deleted_at) = shop.deleted_at {
            if !fits(shop.retailer.version, input.expected.as_ref()) {
                tx.roll_back().await;
                return Err(DeletionError::Stale);
            }
            let at = self.clock.now();
            let revision = tx.shops().restore(actor.tenant, &shop.retailer, at).await?;
            let before = vec![
                ("deletedAt", deleted_at.to_rfc3339().as_str().into()),
                ("version", shop.retailer.version.into()),
            ];
            let after = vec![("deletedAt", None::<&str>.into()), ("version", revision.version.into())];
            let changed = Changed {
                action: "retailer.restore",
                entity: "retailer",
                id: input.uid.as_str().to_owned(),
                before: Some(before),
                after: Some(after),
            };
            tx.audit().record(&[changed.by(actor, &input.change, at)]).await?;
            let (version, updated_at) = (revision.version, revision.updated_at);
            let retailer = Retailer { version, updated_at, ..shop.retailer };
            shop = OfficeRetailer { retailer, deleted_at: None, ..shop };
        }
        let found = on_map(shop, map)?;
        finish(tx, actor, &input.change, || receipt(&found)).await?;
        Ok(Done::Now(found))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::{MockOfficeRetailerWriter, RetailerUid, Revision};

    use super::*;
    use crate::retailer::office::testing::{World, admin, audited, receipt};
    use crate::shared::{Change, ChangeError};
    use crate::testing::{actor, noon, office_shop};

    fn input(expected: Option<Vec<i64>>) -> DeletionInput {
        let change = Change { request_id: "r-1".into(), ..Change::default() };
        DeletionInput { uid: RetailerUid::parse("RTL-1").unwrap(), expected, change }
    }

    fn deleted() -> OfficeRetailer {
        OfficeRetailer { deleted_at: Some(noon()), ..office_shop(1) }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &DeletionInput,
    ) -> (Result<Done<FoundInPool>, DeletionError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = RestoreRetailer::new(db, maps, clock).execute(actor, input, &receipt).await;
        (result, committed())
    }

    fn holding(shop: Option<OfficeRetailer>, restorations: usize) -> MockOfficeRetailerWriter {
        let mut shops = MockOfficeRetailerWriter::new();
        shops.expect_lock().times(1).return_once(move |_, _| Ok(shop));
        shops
            .expect_restore()
            .times(restorations)
            .returning(|_, _, at| Ok(Revision { version: 2, updated_at: at }));
        shops
    }

    #[tokio::test]
    async fn a_deleted_shop_is_back() {
        const MEMBERS: &[&str] = &["deletedAt", "version"];
        let world =
            World::of(holding(Some(deleted()), 1)).auditing(audited("retailer.restore", MEMBERS, MEMBERS));
        let (result, committed) = execute(world, &admin(), &input(Some(vec![1]))).await;
        let Ok(Done::Now(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.shop.deleted_at, found.shop.retailer.version, committed), (None, 2, true));
    }

    #[tokio::test]
    async fn one_that_is_not_deleted_stays_as_it_is() {
        let world = World::of(holding(Some(office_shop(1)), 0));
        let (result, committed) = execute(world, &admin(), &input(Some(vec![7]))).await;
        let Ok(Done::Now(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.shop, committed), (office_shop(1), true));
    }

    #[tokio::test]
    async fn what_is_not_there_or_newer_is_left_alone() {
        for (shop, error) in [(None, DeletionError::NotFound), (Some(deleted()), DeletionError::Stale)] {
            let (result, committed) =
                execute(World::of(holding(shop, 0)), &admin(), &input(Some(vec![7]))).await;
            assert_eq!((result, committed), (Err(error), false));
        }
        let (result, _) = execute(World::closed(), &actor(), &input(None)).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
