use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::retailer::{PoolRetailer, PoolRetailerPatch, PoolRetailerTx, Retailer, RetailerUid};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{difference, lock_places, map_with, on_map};
use super::{FoundInPool, UnknownPlaces, is_accepted};
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions,
    begin, codes, finish,
};

/// New values for the master data of a retailer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePoolRetailerInput {
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The new values.
    pub edit: PoolRetailerPatch,
    /// The accepted versions of the retailer; `None` accepts every version.
    pub expected: Option<Vec<i64>>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a retailer was not updated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdatePoolRetailerError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The retailer does not exist.
    #[error("retailer not found")]
    NotFound,
    /// The retailer is deleted.
    #[error("the retailer is deleted")]
    Deleted,
    /// The retailer's version is not among the accepted ones.
    #[error("the retailer has been changed in the meantime")]
    Stale,
    /// Places of the input do not exist.
    #[error("unknown places")]
    Unknown(UnknownPlaces),
}

impl Refusal for UpdatePoolRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Deleted => Refused::new(&crate::retailer::codes::DELETED),
            Self::Stale => Refused::new(&codes::PRECONDITION_FAILED),
            Self::Unknown(unknown) => unknown.refuse(),
        }
    }
}

impl From<StorageFailure> for UpdatePoolRetailerError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Updates the master data of a retailer.
pub struct UpdatePoolRetailer {
    db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl UpdatePoolRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// Updates the retailer and returns its new state. Values equal to the current ones are no change.
    /// `stored_response` renders the response that is stored for replays.
    ///
    /// # Errors
    /// [`UpdatePoolRetailerError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &UpdatePoolRetailerInput,
        stored_response: &(dyn Fn(&FoundInPool) -> StoredResponse + Sync),
    ) -> Result<Idempotent<FoundInPool>, UpdatePoolRetailerError> {
        actor.check(Permission::ManageRetailers)?;
        let (territory, distributor) = (input.edit.territory, input.edit.distributor.flatten());
        let map = map_with(&*self.maps, actor.tenant, territory, distributor).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        // Locks places before the retailer: a move of a place also locks the place first and then its
        // retailers.
        let (place, unknown) = lock_places(tx.retailers(), actor.tenant, territory, distributor).await?;
        let found = tx.retailers().lock(actor.tenant, &input.uid).await?;
        let pool_retailer = match check(found, input, unknown) {
            Ok(pool_retailer) => pool_retailer,
            Err(error) => {
                tx.roll_back().await;
                return Err(error);
            }
        };
        let mut edited = input.edit.of(&pool_retailer.retailer, place);
        if edited != pool_retailer.retailer {
            let at = self.clock.now();
            let revision = tx.retailers().update(actor.tenant, &edited, at).await?;
            edited = Retailer { version: revision.version, updated_at: revision.updated_at, ..edited };
            let (before, after) = difference(&pool_retailer.retailer, &edited);
            let changed = AuditedChange {
                action: "retailer.update",
                entity: "retailer",
                id: edited.uid.as_str().to_owned(),
                before: Some(before),
                after: Some(after),
            };
            tx.audit().record(&[changed.by(actor, &input.write_options, at)]).await?;
        }
        let found = on_map(PoolRetailer { retailer: edited, ..pool_retailer }, map)?;
        finish(tx, actor, &input.write_options, || stored_response(&found)).await?;
        Ok(Idempotent::Executed(found))
    }
}

fn check(
    found: Option<PoolRetailer>,
    input: &UpdatePoolRetailerInput,
    unknown: UnknownPlaces,
) -> Result<PoolRetailer, UpdatePoolRetailerError> {
    let pool_retailer = found.ok_or(UpdatePoolRetailerError::NotFound)?;
    if pool_retailer.deleted_at.is_some() {
        return Err(UpdatePoolRetailerError::Deleted);
    }
    if !is_accepted(pool_retailer.retailer.version, input.expected.as_ref()) {
        return Err(UpdatePoolRetailerError::Stale);
    }
    if unknown.is_none() { Ok(pool_retailer) } else { Err(UpdatePoolRetailerError::Unknown(unknown)) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use haat_domain::retailer::{MockPoolRetailerWriter, Points, RetailerName, Revision};
    use haat_domain::shared::{DistributorId, TerritoryId};

    use super::*;
    use crate::retailer::pool::testing::{World, admin, audited, place, stored_response};
    use crate::testing::{actor, noon, sample_pool_retailer};

    fn input(edit: PoolRetailerPatch) -> UpdatePoolRetailerInput {
        let write_options = WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() };
        UpdatePoolRetailerInput {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            edit,
            expected: None,
            write_options,
        }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &UpdatePoolRetailerInput,
    ) -> (Result<Idempotent<FoundInPool>, UpdatePoolRetailerError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = UpdatePoolRetailer::new(db, maps, clock).execute(actor, input, &stored_response).await;
        (result, committed())
    }

    fn writer(pool_retailer: Option<PoolRetailer>, updates: usize) -> MockPoolRetailerWriter {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers
            .expect_lock()
            .times(1)
            .withf(|tenant, uid| *tenant == actor().tenant && uid.as_str() == "RTL-1")
            .return_once(move |_, _| Ok(pool_retailer));
        retailers.expect_update().times(updates).returning(|_, pool_retailer, at| {
            Ok(Revision { version: pool_retailer.version + 1, updated_at: at + TimeDelta::seconds(1) })
        });
        retailers
    }

    fn renaming() -> PoolRetailerPatch {
        PoolRetailerPatch { name: RetailerName::parse("New").ok(), ..PoolRetailerPatch::default() }
    }

    #[tokio::test]
    async fn audits_changed_values_before_and_after() {
        let mut retailers = writer(Some(sample_pool_retailer(1)), 1);
        retailers.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        let edit = PoolRetailerPatch {
            territory: Some(TerritoryId::new(1)),
            points: Points::parse(0).ok(),
            ..renaming()
        };
        let world = World::of(retailers).auditing(audited(
            "retailer.update",
            &["name", "version"],
            &["name", "version"],
        ));
        let (result, committed) = execute(world, &admin(), &input(edit)).await;
        let Ok(Idempotent::Executed(found)) = result else { panic!("{result:?}") };
        let pool_retailer = found.pool_retailer.retailer;
        assert_eq!((pool_retailer.name.as_str(), pool_retailer.version), ("New", 2));
        assert_eq!((pool_retailer.updated_at, committed), (noon() + TimeDelta::seconds(1), true));
    }

    #[tokio::test]
    async fn equal_values_are_no_change() {
        let edit =
            PoolRetailerPatch { name: RetailerName::parse("Shop 1").ok(), ..PoolRetailerPatch::default() };
        let world = World::of(writer(Some(sample_pool_retailer(1)), 0));
        let (result, committed) = execute(world, &admin(), &input(edit)).await;
        let Ok(Idempotent::Executed(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.pool_retailer, committed), (sample_pool_retailer(1), true));
    }

    #[tokio::test]
    async fn rejects_unknown_deleted_and_stale_retailers() {
        let deleted = PoolRetailer { deleted_at: Some(noon()), ..sample_pool_retailer(1) };
        for (pool_retailer, expected, error) in [
            (None, None, UpdatePoolRetailerError::NotFound),
            (Some(deleted), Some(vec![9]), UpdatePoolRetailerError::Deleted),
            (Some(sample_pool_retailer(1)), Some(vec![]), UpdatePoolRetailerError::Stale),
            (Some(sample_pool_retailer(1)), Some(vec![0, 2]), UpdatePoolRetailerError::Stale),
        ] {
            let input = UpdatePoolRetailerInput { expected, ..input(renaming()) };
            let (result, committed) = execute(World::of(writer(pool_retailer, 0)), &admin(), &input).await;
            assert_eq!((result, committed), (Err(error), false));
        }
        let accepted = UpdatePoolRetailerInput { expected: Some(vec![0, 1]), ..input(renaming()) };
        let world = World::of(writer(Some(sample_pool_retailer(1)), 1)).auditing(audited(
            "retailer.update",
            &["name"],
            &["name"],
        ));
        assert!(execute(world, &admin(), &accepted).await.1);
    }

    #[tokio::test]
    async fn rejects_unknown_places() {
        let mut retailers = writer(Some(sample_pool_retailer(1)), 0);
        retailers.expect_lock_distributor().returning(|_, _| Ok(false));
        let edit = PoolRetailerPatch { distributor: Some(Some(DistributorId::new(9))), ..renaming() };
        let (result, committed) = execute(World::of(retailers), &admin(), &input(edit)).await;
        let unknown = UnknownPlaces { territory: false, distributor: true };
        assert_eq!((result, committed), (Err(UpdatePoolRetailerError::Unknown(unknown)), false));
    }

    #[tokio::test]
    async fn a_dry_run_changes_nothing_and_sales_reps_are_rejected_before_a_transaction() {
        let world = World::of(writer(Some(sample_pool_retailer(1)), 1)).auditing(audited(
            "retailer.update",
            &["name"],
            &["name"],
        ));
        let dry_run = input(renaming());
        let dry_run = UpdatePoolRetailerInput {
            write_options: WriteOptions { validate_only: true, ..dry_run.write_options },
            ..dry_run
        };
        let (result, committed) = execute(world, &admin(), &dry_run).await;
        assert!(matches!(result, Ok(Idempotent::Executed(_))) && !committed);
        let (result, _) = execute(World::closed(), &actor(), &input(renaming())).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
