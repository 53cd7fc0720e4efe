use std::sync::Arc;

use haat_domain::retailer::{OfficeRetailer, OfficeRetailerTx, Retailer, RetailerEdit, RetailerUid};
use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{difference, lock_places, map_with, on_map};
use super::{FoundInPool, UnknownPlaces, fits};
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, finish};

/// New values for a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRetailerInput {
    /// Which shop.
    pub uid: RetailerUid,
    /// What to change.
    pub edit: RetailerEdit,
    /// If given, the versions of which the shop must have one.
    pub expected: Option<Vec<i64>>,
    /// How it is asked for.
    pub change: Change,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRetailerError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such shop.
    #[error("there is no such retailer")]
    NotFound,
    /// The shop is deleted.
    #[error("the retailer is deleted")]
    Deleted,
    /// The shop has another version than any expected.
    #[error("the retailer has been changed since")]
    Stale,
    /// It names places that are not there.
    #[error("unknown places")]
    Unknown(UnknownPlaces),
}

impl From<StorageFailure> for EditRetailerError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Changes the master data of a shop.
pub struct EditRetailer {
    db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl EditRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn Begin<dyn OfficeRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// The shop as it is afterwards; what was so before is no change. `receipt` makes the answer that a repetition will
    /// be given.
    ///
    /// # Errors
    /// [`EditRetailerError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &EditRetailerInput,
        receipt: &(dyn Fn(&FoundInPool) -> Receipt + Sync),
    ) -> Result<Done<FoundInPool>, EditRetailerError> {
        actor.check(Permission::ManageRetailers)?;
        let (territory, distributor) = (input.edit.territory, input.edit.distributor.flatten());
        let map = map_with(&*self.maps, actor.tenant, territory, distributor).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        // Places before the shop: whoever moves a place has it locked when they come to its shops.
        let (place, unknown) = lock_places(tx.shops(), actor.tenant, territory, distributor).await?;
        let found = tx.shops().lock(actor.tenant, &input.uid).await?;
        let shop = match editable(found, input, unknown) {
            Ok(shop) => shop,
            Err(error) => {
                tx.roll_back().await;
                return Err(error);
            }
        };
        let mut edited = input.edit.of(&shop.retailer, place);
        if edited != shop.retailer {
            let at = self.clock.now();
            let revision = tx.shops().update(actor.tenant, &edited, at).await?;
            edited = Retailer { version: revision.version, updated_at: revision.updated_at, ..edited };
            let (before, after) = difference(&shop.retailer, &edited);
            let changed = Changed {
                action: "retailer.update",
                entity: "retailer",
                id: edited.uid.as_str().to_owned(),
                before: Some(before),
                after: Some(after),
            };
            tx.audit().record(&[changed.by(actor, &input.change, at)]).await?;
        }
        let found = on_map(OfficeRetailer { retailer: edited, ..shop }, map)?;
        finish(tx, actor, &input.change, || receipt(&found)).await?;
        Ok(Done::Now(found))
    }
}

fn editable(
    found: Option<OfficeRetailer>,
    input: &EditRetailerInput,
    unknown: UnknownPlaces,
) -> Result<OfficeRetailer, EditRetailerError> {
    let shop = found.ok_or(EditRetailerError::NotFound)?;
    if shop.deleted_at.is_some() {
        return Err(EditRetailerError::Deleted);
    }
    if !fits(shop.retailer.version, input.expected.as_ref()) {
        return Err(EditRetailerError::Stale);
    }
    if unknown.is_none() { Ok(shop) } else { Err(EditRetailerError::Unknown(unknown)) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use haat_domain::retailer::{MockOfficeRetailerWriter, Points, Revision, ShopName};
    use haat_domain::shared::{DistributorId, TerritoryId};

    use super::*;
    use crate::retailer::office::testing::{World, admin, audited, place, receipt};
    use crate::testing::{actor, noon, office_shop};

    fn input(edit: RetailerEdit) -> EditRetailerInput {
        let change = Change { request_id: "r-1".into(), ..Change::default() };
        EditRetailerInput { uid: RetailerUid::parse("RTL-1").unwrap(), edit, expected: None, change }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &EditRetailerInput,
    ) -> (Result<Done<FoundInPool>, EditRetailerError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = EditRetailer::new(db, maps, clock).execute(actor, input, &receipt).await;
        (result, committed())
    }

    fn holding(shop: Option<OfficeRetailer>, updates: usize) -> MockOfficeRetailerWriter {
        let mut shops = MockOfficeRetailerWriter::new();
        shops
            .expect_lock()
            .times(1)
            .withf(|tenant, uid| *tenant == actor().tenant && uid.as_str() == "RTL-1")
            .return_once(move |_, _| Ok(shop));
        shops.expect_update().times(updates).returning(|_, shop, at| {
            Ok(Revision { version: shop.version + 1, updated_at: at + TimeDelta::seconds(1) })
        });
        shops
    }

    fn renaming() -> RetailerEdit {
        RetailerEdit { name: ShopName::parse("New").ok(), ..RetailerEdit::default() }
    }

    #[tokio::test]
    async fn what_changes_is_audited_as_it_was_and_as_it_is() {
        let mut shops = holding(Some(office_shop(1)), 1);
        shops.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        let edit = RetailerEdit {
            territory: Some(TerritoryId::new(1)),
            points: Points::parse(0).ok(),
            ..renaming()
        };
        let world =
            World::of(shops).auditing(audited("retailer.update", &["name", "version"], &["name", "version"]));
        let (result, committed) = execute(world, &admin(), &input(edit)).await;
        let Ok(Done::Now(found)) = result else { panic!("{result:?}") };
        let shop = found.shop.retailer;
        assert_eq!((shop.name.as_str(), shop.version), ("New", 2));
        assert_eq!((shop.updated_at, committed), (noon() + TimeDelta::seconds(1), true));
    }

    #[tokio::test]
    async fn what_is_so_already_is_no_change() {
        let edit = RetailerEdit { name: ShopName::parse("Shop 1").ok(), ..RetailerEdit::default() };
        let world = World::of(holding(Some(office_shop(1)), 0));
        let (result, committed) = execute(world, &admin(), &input(edit)).await;
        let Ok(Done::Now(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.shop, committed), (office_shop(1), true));
    }

    #[tokio::test]
    async fn a_shop_that_is_not_there_deleted_or_newer_is_left_alone() {
        let deleted = OfficeRetailer { deleted_at: Some(noon()), ..office_shop(1) };
        for (shop, expected, error) in [
            (None, None, EditRetailerError::NotFound),
            (Some(deleted), Some(vec![9]), EditRetailerError::Deleted),
            (Some(office_shop(1)), Some(vec![]), EditRetailerError::Stale),
            (Some(office_shop(1)), Some(vec![0, 2]), EditRetailerError::Stale),
        ] {
            let input = EditRetailerInput { expected, ..input(renaming()) };
            let (result, committed) = execute(World::of(holding(shop, 0)), &admin(), &input).await;
            assert_eq!((result, committed), (Err(error), false));
        }
        let fitting = EditRetailerInput { expected: Some(vec![0, 1]), ..input(renaming()) };
        let world = World::of(holding(Some(office_shop(1)), 1)).auditing(audited(
            "retailer.update",
            &["name"],
            &["name"],
        ));
        assert!(execute(world, &admin(), &fitting).await.1);
    }

    #[tokio::test]
    async fn unknown_places_change_nothing() {
        let mut shops = holding(Some(office_shop(1)), 0);
        shops.expect_lock_distributor().returning(|_, _| Ok(false));
        let edit = RetailerEdit { distributor: Some(Some(DistributorId::new(9))), ..renaming() };
        let (result, committed) = execute(World::of(shops), &admin(), &input(edit)).await;
        let unknown = UnknownPlaces { territory: false, distributor: true };
        assert_eq!((result, committed), (Err(EditRetailerError::Unknown(unknown)), false));
    }

    #[tokio::test]
    async fn a_trial_changes_nothing_and_a_representative_does_not_even_begin() {
        let world = World::of(holding(Some(office_shop(1)), 1)).auditing(audited(
            "retailer.update",
            &["name"],
            &["name"],
        ));
        let trial = input(renaming());
        let trial = EditRetailerInput { change: Change { validate_only: true, ..trial.change }, ..trial };
        let (result, committed) = execute(world, &admin(), &trial).await;
        assert!(matches!(result, Ok(Done::Now(_))) && !committed);
        let (result, _) = execute(World::closed(), &actor(), &input(renaming())).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
