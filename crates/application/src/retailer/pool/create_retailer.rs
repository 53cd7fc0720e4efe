use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::retailer::{AddedRetailer, NewRetailer, PoolRetailerTx};
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{lock_places, map_with, members, on_map};
use super::{FoundInPool, UnknownPlaces};
use crate::shared::{
    Actor, AuditedChange, ChangeError, FieldError, Idempotent, Permission, Refusal, Refused, Started, Text,
    WriteOptions, begin, finish,
};

/// A retailer to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRetailerInput {
    /// The new retailer.
    pub pool_retailer: NewRetailer,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a retailer was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRetailerError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Places of the input do not exist.
    #[error("unknown places")]
    Unknown(UnknownPlaces),
    /// Another retailer has the uid. A deleted retailer keeps its uid.
    #[error("the uid is taken")]
    Taken {
        /// `true` if the other retailer is deleted.
        deleted: bool,
    },
}

impl Refusal for CreateRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Unknown(unknown) => unknown.refuse(),
            Self::Taken { deleted } => taken(*deleted),
        }
    }
}

impl From<StorageFailure> for CreateRetailerError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Creates a retailer in the pool. Its area and region are those of its territory.
pub struct CreateRetailer {
    db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl CreateRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// Creates the retailer and returns it. `stored_response` renders the response that is stored for
    /// replays.
    ///
    /// # Errors
    /// [`CreateRetailerError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreateRetailerInput,
        stored_response: &(dyn Fn(&FoundInPool) -> StoredResponse + Sync),
    ) -> Result<Idempotent<FoundInPool>, CreateRetailerError> {
        actor.check(Permission::ManageRetailers)?;
        let (tenant, new) = (actor.tenant, &input.pool_retailer);
        let map = map_with(&*self.maps, tenant, Some(new.territory), new.distributor).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let (place, unknown) =
            lock_places(tx.retailers(), tenant, Some(new.territory), new.distributor).await?;
        let place = match place {
            Some(place) if unknown.is_none() => place,
            _ => {
                tx.roll_back().await;
                return Err(CreateRetailerError::Unknown(unknown));
            }
        };
        let at = self.clock.now();
        let pool_retailer = match tx.retailers().add(tenant, new, place, at).await? {
            AddedRetailer::Added(pool_retailer) => *pool_retailer,
            AddedRetailer::Taken { deleted } => {
                tx.roll_back().await;
                return Err(CreateRetailerError::Taken { deleted });
            }
        };
        let created = AuditedChange {
            action: "retailer.create",
            entity: "retailer",
            id: new.uid.as_str().to_owned(),
            before: None,
            after: Some(members(&pool_retailer.retailer)),
        };
        tx.audit().record(&[created.by(actor, &input.write_options, at)]).await?;
        let found = on_map(pool_retailer, map)?;
        finish(tx, actor, &input.write_options, || stored_response(&found)).await?;
        Ok(Idempotent::Executed(found))
    }
}

/// Refuses a uid that another retailer has.
fn taken(deleted: bool) -> Refused {
    let message = Text::new("is already used by another retailer", "অন্য একটি দোকান এটি ব্যবহার করছে");
    let errors = vec![FieldError::new("uid", "taken", message)];
    let problem = Refused::taken(errors);
    if deleted {
        problem.detail(
            "The retailer with this uid is deleted and keeps its uid. It can be restored.",
            "এই uid-এর দোকানটি মুছে ফেলা হয়েছে, তবে uid-টি তারই রয়ে গেছে। দোকানটি ফিরিয়ে আনা যায়।",
        )
    } else {
        problem
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::{MockPoolRetailerWriter, Points, RetailerName, RetailerUid, Routes};
    use haat_domain::shared::{DistributorId, TerritoryId};

    use super::*;
    use crate::retailer::pool::testing::{World, admin, audited, place, stored_response};
    use crate::testing::{actor, noon, sample_pool_retailer};

    fn input() -> CreateRetailerInput {
        let pool_retailer = NewRetailer {
            uid: RetailerUid::parse("RTL-1").unwrap(),
            name: RetailerName::parse("Shop 1").unwrap(),
            phone: None,
            territory: TerritoryId::new(1),
            distributor: None,
            points: Points::parse(0).unwrap(),
            routes: Routes::default(),
            notes: None,
        };
        CreateRetailerInput {
            pool_retailer,
            write_options: WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() },
        }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &CreateRetailerInput,
    ) -> (Result<Idempotent<FoundInPool>, CreateRetailerError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = CreateRetailer::new(db, maps, clock).execute(actor, input, &stored_response).await;
        (result, committed())
    }

    fn writer(outcome: AddedRetailer) -> MockPoolRetailerWriter {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        retailers
            .expect_add()
            .times(1)
            .withf(|tenant, new, at_place, at| {
                *tenant == actor().tenant
                    && new.uid.as_str() == "RTL-1"
                    && *at_place == place()
                    && *at == noon()
            })
            .return_once(move |_, _, _, _| Ok(outcome));
        retailers
    }

    #[tokio::test]
    async fn creates_and_audits_a_retailer_in_its_territory() {
        let world = World::of(writer(AddedRetailer::Added(Box::new(sample_pool_retailer(1)))))
            .auditing(audited("retailer.create", &[], &["name", "version"]));
        let (result, committed) = execute(world, &admin(), &input()).await;
        let Ok(Idempotent::Executed(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.pool_retailer, committed), (sample_pool_retailer(1), true));
    }

    #[tokio::test]
    async fn a_dry_run_creates_nothing() {
        let world = World::of(writer(AddedRetailer::Added(Box::new(sample_pool_retailer(1)))))
            .auditing(audited("retailer.create", &[], &["name"]));
        let dry_run = CreateRetailerInput {
            write_options: WriteOptions { validate_only: true, ..input().write_options },
            ..input()
        };
        let (result, committed) = execute(world, &admin(), &dry_run).await;
        assert!(matches!(result, Ok(Idempotent::Executed(_))) && !committed);
    }

    #[tokio::test]
    async fn rejects_a_taken_uid() {
        for deleted in [false, true] {
            let world = World::of(writer(AddedRetailer::Taken { deleted }));
            let (result, committed) = execute(world, &admin(), &input()).await;
            assert_eq!((result, committed), (Err(CreateRetailerError::Taken { deleted }), false));
        }
    }

    #[tokio::test]
    async fn reports_all_unknown_places_at_once() {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers.expect_lock_place().returning(|_, _| Ok(None));
        retailers.expect_lock_distributor().returning(|_, _| Ok(false));
        let pool_retailer = NewRetailer { distributor: Some(DistributorId::new(9)), ..input().pool_retailer };
        let (result, committed) =
            execute(World::of(retailers), &admin(), &CreateRetailerInput { pool_retailer, ..input() }).await;
        let unknown = UnknownPlaces { territory: true, distributor: true };
        assert_eq!((result, committed), (Err(CreateRetailerError::Unknown(unknown)), false));
    }

    #[tokio::test]
    async fn rejects_sales_reps_before_beginning_a_transaction() {
        let (result, _) = execute(World::closed(), &actor(), &input()).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
