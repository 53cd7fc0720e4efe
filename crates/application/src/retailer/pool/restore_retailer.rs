use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::retailer::{PoolRetailer, PoolRetailerTx, Retailer};
use haat_domain::shared::{BeginTransaction, Clock};
use haat_domain::territory::SalesMapReader;

use super::snapshot::{map_with, on_map};
use super::{DeletionError, DeletionInput, FoundInPool, is_accepted};
use crate::shared::{Actor, AuditedChange, Idempotent, Permission, Started, begin, finish};

/// Restores a deleted retailer to the pool. Its former assignments are not restored.
pub struct RestoreRetailer {
    db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
    maps: Arc<dyn SalesMapReader>,
    clock: Arc<dyn Clock>,
}

impl RestoreRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
        maps: Arc<dyn SalesMapReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { db, maps, clock }
    }

    /// Restores the retailer and returns its new state. A retailer that is not deleted is returned unchanged,
    /// regardless of the accepted versions.
    ///
    /// # Errors
    /// [`DeletionError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &DeletionInput,
        stored_response: &(dyn Fn(&FoundInPool) -> StoredResponse + Sync),
    ) -> Result<Idempotent<FoundInPool>, DeletionError> {
        actor.check(Permission::ManageRetailers)?;
        let map = map_with(&*self.maps, actor.tenant, None, None).await?;
        let mut tx = match begin(&*self.db, actor, Permission::ManageRetailers, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let Some(mut pool_retailer) = tx.retailers().lock(actor.tenant, &input.uid).await? else {
            tx.roll_back().await;
            return Err(DeletionError::NotFound);
        };
        if let Some(deleted_at) = pool_retailer.deleted_at {
            if !is_accepted(pool_retailer.retailer.version, input.expected.as_ref()) {
                tx.roll_back().await;
                return Err(DeletionError::Stale);
            }
            let at = self.clock.now();
            let revision = tx.retailers().restore(actor.tenant, &pool_retailer.retailer, at).await?;
            let before = vec![
                ("deletedAt", deleted_at.to_rfc3339().as_str().into()),
                ("version", pool_retailer.retailer.version.into()),
            ];
            let after = vec![("deletedAt", None::<&str>.into()), ("version", revision.version.into())];
            let changed = AuditedChange {
                action: "retailer.restore",
                entity: "retailer",
                id: input.uid.as_str().to_owned(),
                before: Some(before),
                after: Some(after),
            };
            tx.audit().record(&[changed.by(actor, &input.write_options, at)]).await?;
            let (version, updated_at) = (revision.version, revision.updated_at);
            let retailer = Retailer { version, updated_at, ..pool_retailer.retailer };
            pool_retailer = PoolRetailer { retailer, deleted_at: None, ..pool_retailer };
        }
        let found = on_map(pool_retailer, map)?;
        finish(tx, actor, &input.write_options, || stored_response(&found)).await?;
        Ok(Idempotent::Executed(found))
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::{MockPoolRetailerWriter, RetailerUid, Revision};

    use super::*;
    use crate::retailer::pool::testing::{World, admin, audited, stored_response};
    use crate::shared::{ChangeError, WriteOptions};
    use crate::testing::{actor, noon, sample_pool_retailer};

    fn input(expected: Option<Vec<i64>>) -> DeletionInput {
        let write_options = WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() };
        DeletionInput { uid: RetailerUid::parse("RTL-1").unwrap(), expected, write_options }
    }

    fn deleted() -> PoolRetailer {
        PoolRetailer { deleted_at: Some(noon()), ..sample_pool_retailer(1) }
    }

    async fn execute(
        world: World,
        actor: &Actor,
        input: &DeletionInput,
    ) -> (Result<Idempotent<FoundInPool>, DeletionError>, bool) {
        let (db, maps, clock, committed) = world.parts();
        let result = RestoreRetailer::new(db, maps, clock).execute(actor, input, &stored_response).await;
        (result, committed())
    }

    fn writer(pool_retailer: Option<PoolRetailer>, restorations: usize) -> MockPoolRetailerWriter {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers.expect_lock().times(1).return_once(move |_, _| Ok(pool_retailer));
        retailers
            .expect_restore()
            .times(restorations)
            .returning(|_, _, at| Ok(Revision { version: 2, updated_at: at }));
        retailers
    }

    #[tokio::test]
    async fn restores_a_deleted_retailer() {
        const MEMBERS: &[&str] = &["deletedAt", "version"];
        let world =
            World::of(writer(Some(deleted()), 1)).auditing(audited("retailer.restore", MEMBERS, MEMBERS));
        let (result, committed) = execute(world, &admin(), &input(Some(vec![1]))).await;
        let Ok(Idempotent::Executed(found)) = result else { panic!("{result:?}") };
        assert_eq!(
            (found.pool_retailer.deleted_at, found.pool_retailer.retailer.version, committed),
            (None, 2, true)
        );
    }

    #[tokio::test]
    async fn returns_a_retailer_that_is_not_deleted_unchanged() {
        let world = World::of(writer(Some(sample_pool_retailer(1)), 0));
        let (result, committed) = execute(world, &admin(), &input(Some(vec![7]))).await;
        let Ok(Idempotent::Executed(found)) = result else { panic!("{result:?}") };
        assert_eq!((found.pool_retailer, committed), (sample_pool_retailer(1), true));
    }

    #[tokio::test]
    async fn rejects_unknown_retailers_stale_versions_and_sales_reps() {
        for (pool_retailer, error) in
            [(None, DeletionError::NotFound), (Some(deleted()), DeletionError::Stale)]
        {
            let (result, committed) =
                execute(World::of(writer(pool_retailer, 0)), &admin(), &input(Some(vec![7]))).await;
            assert_eq!((result, committed), (Err(error), false));
        }
        let (result, _) = execute(World::closed(), &actor(), &input(None)).await;
        assert_eq!(result, Err(ChangeError::Forbidden.into()));
    }
}
