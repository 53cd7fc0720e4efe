use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::retailer::{
    AddedRetailer, NewRetailer, PoolRetailer, PoolRetailerPatch, PoolRetailerReader, PoolRetailerTx,
    Retailer, RetailerUid, Revision,
};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::SalesMapReader;

use super::FoundInPool;
use super::snapshot::{difference, lock_places, map_with, members, on_map};
use crate::retailer::codes::DELETED;
use crate::retailer::map_for;
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, FieldError, ManageRetailers, ReadError, ReadPool,
    Refusal, Refused, Rendered, Scopes, Text, WriteOptions,
};

/// Reasons why a retailer of the pool was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolRetailerError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The retailer is deleted.
    #[error("the retailer is deleted")]
    Deleted,
    /// A deleted retailer has the uid, which it keeps.
    #[error("the uid belongs to a deleted retailer")]
    TakenByDeleted,
}

impl Refusal for PoolRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::Deleted => Refused::new(&DELETED),
            Self::TakenByDeleted => Refused::taken(vec![taken_uid()]).detail(
                "The retailer with this uid is deleted and keeps its uid. It can be restored.",
                "এই uid-এর দোকানটি মুছে ফেলা হয়েছে, তবে uid-টি তারই রয়ে গেছে। দোকানটি ফিরিয়ে আনা যায়।",
            ),
        }
    }
}

impl From<StorageFailure> for PoolRetailerError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Reads and changes single retailers of the pool and their master data.
pub struct PoolRetailers {
    pool: Arc<dyn PoolRetailerReader>,
    maps: Arc<dyn SalesMapReader>,
    scopes: Scopes,
    changes: Changes<dyn PoolRetailerTx>,
}

impl PoolRetailers {
    /// Builds the use cases.
    #[must_use]
    pub fn new(
        pool: Arc<dyn PoolRetailerReader>,
        maps: Arc<dyn SalesMapReader>,
        scopes: Scopes,
        changes: Changes<dyn PoolRetailerTx>,
    ) -> Self {
        Self { pool, maps, scopes, changes }
    }

    /// Returns a retailer in the caller's scope; of the whole tenant, even a deleted one.
    pub async fn get(
        &self,
        allowed: &Allowed<ReadPool>,
        uid: &RetailerUid,
    ) -> Result<FoundInPool, ReadError> {
        let scope = self.scopes.retailers(allowed).await?;
        let found = self.pool.find(allowed.tenant, uid).await?.filter(|found| scope.contains(found));
        let pool_retailer = found.ok_or(ReadError::NotFound)?;
        let map = map_for(&*self.maps, allowed.tenant, std::slice::from_ref(&pool_retailer.retailer)).await?;
        Ok(FoundInPool { pool_retailer, map })
    }

    /// Creates a retailer. Its area and region are those of its territory.
    ///
    /// # Errors
    /// [`PoolRetailerError`]. Nothing is changed on an error.
    pub async fn create(
        &self,
        allowed: &Allowed<ManageRetailers>,
        new: &NewRetailer,
        options: &WriteOptions,
        render: impl FnOnce(&FoundInPool) -> Rendered,
    ) -> Result<StoredResponse, PoolRetailerError> {
        let tenant = allowed.tenant;
        let map = map_with(&*self.maps, tenant, Some(new.territory), new.distributor).await?;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let retailers = tx.retailers();
                let (place, unknown) =
                    lock_places(retailers, tenant, Some(new.territory), new.distributor).await?;
                let Some(place) = place.filter(|_| unknown.is_empty()) else {
                    return Err(ChangeError::Invalid(unknown).into());
                };
                let created = match retailers.add(tenant, new, place, at).await? {
                    AddedRetailer::Added(created) => *created,
                    AddedRetailer::Taken { deleted: true } => return Err(PoolRetailerError::TakenByDeleted),
                    AddedRetailer::Taken { deleted: false } => {
                        return Err(ChangeError::Taken(vec![taken_uid()]).into());
                    }
                };
                let (id, after) = (new.uid.as_str().to_owned(), members(&created.retailer));
                let audited = AuditedChange::created(AuditAction::RetailerCreate, id, after);
                Ok(Audited::new(on_map(created, map)?, audited))
            })
            .await
    }

    /// Updates the master data of a retailer. Values equal to the current ones are no change.
    ///
    /// # Errors
    /// [`PoolRetailerError`]. Nothing is changed on an error.
    pub async fn update(
        &self,
        allowed: &Allowed<ManageRetailers>,
        uid: &RetailerUid,
        patch: &PoolRetailerPatch,
        options: &WriteOptions,
        render: impl FnOnce(&FoundInPool) -> Rendered,
    ) -> Result<StoredResponse, PoolRetailerError> {
        let tenant = allowed.tenant;
        let (territory, distributor) = (patch.territory, patch.distributor.flatten());
        let map = map_with(&*self.maps, tenant, territory, distributor).await?;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                // Locks places before the retailer: a move of a place also locks the place first and then its
                // retailers.
                let retailers = tx.retailers();
                let (place, unknown) = lock_places(retailers, tenant, territory, distributor).await?;
                let found = retailers.lock(tenant, uid).await?.ok_or(ChangeError::NotFound)?;
                // A deleted retailer can leave a place, so that the place can be deleted.
                if found.deleted_at.is_some() && !patch.changes_places_only() {
                    return Err(PoolRetailerError::Deleted);
                }
                options.check_version(found.retailer.version)?;
                if !unknown.is_empty() {
                    return Err(ChangeError::Invalid(unknown).into());
                }
                let edited = patch.of(&found.retailer, place);
                if edited == found.retailer {
                    return Ok(Audited::unchanged(on_map(found, map)?));
                }
                let revision = retailers.update(tenant, &edited, at).await?;
                let edited = revised(edited, revision);
                let (before, after) = difference(&found.retailer, &edited);
                let id = edited.uid.as_str().to_owned();
                let audited = AuditedChange::updated(AuditAction::RetailerUpdate, id, before, after);
                Ok(Audited::new(on_map(PoolRetailer { retailer: edited, ..found }, map)?, audited))
            })
            .await
    }

    /// Deletes a retailer and ends its assignments. It can still be read and restored. A deleted retailer is left
    /// unchanged, regardless of the accepted versions, so that repeated requests succeed.
    ///
    /// # Errors
    /// [`PoolRetailerError`]. Nothing is changed on an error.
    pub async fn delete(
        &self,
        allowed: &Allowed<ManageRetailers>,
        uid: &RetailerUid,
        options: &WriteOptions,
        render: impl FnOnce(&FoundInPool) -> Rendered,
    ) -> Result<StoredResponse, PoolRetailerError> {
        let tenant = allowed.tenant;
        let map = map_with(&*self.maps, tenant, None, None).await?;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let retailers = tx.retailers();
                let found = retailers.lock(tenant, uid).await?.ok_or(ChangeError::NotFound)?;
                if found.deleted_at.is_some() {
                    return Ok(Audited::unchanged(on_map(found, map)?));
                }
                options.check_version(found.retailer.version)?;
                let (revision, ended) = retailers.delete(tenant, &found.retailer, allowed.user, at).await?;
                let audited = deletion(AuditAction::RetailerDelete, &found, Some(at), revision, Some(ended));
                let retailer = revised(found.retailer, revision);
                let (deleted_at, sales_reps) = (Some(at), Vec::new());
                let deleted = PoolRetailer { retailer, deleted_at, sales_reps, ..found };
                Ok(Audited::new(on_map(deleted, map)?, audited))
            })
            .await
    }

    /// Restores a deleted retailer, without its former assignments. A retailer that is not deleted is left
    /// unchanged, regardless of the accepted versions.
    ///
    /// # Errors
    /// [`PoolRetailerError`]. Nothing is changed on an error.
    pub async fn restore(
        &self,
        allowed: &Allowed<ManageRetailers>,
        uid: &RetailerUid,
        options: &WriteOptions,
        render: impl FnOnce(&FoundInPool) -> Rendered,
    ) -> Result<StoredResponse, PoolRetailerError> {
        let tenant = allowed.tenant;
        let map = map_with(&*self.maps, tenant, None, None).await?;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let retailers = tx.retailers();
                let found = retailers.lock(tenant, uid).await?.ok_or(ChangeError::NotFound)?;
                if found.deleted_at.is_none() {
                    return Ok(Audited::unchanged(on_map(found, map)?));
                }
                options.check_version(found.retailer.version)?;
                let revision = retailers.restore(tenant, &found.retailer, at).await?;
                let audited = deletion(AuditAction::RetailerRestore, &found, None, revision, None);
                let retailer = revised(found.retailer, revision);
                let restored = PoolRetailer { retailer, deleted_at: None, ..found };
                Ok(Audited::new(on_map(restored, map)?, audited))
            })
            .await
    }
}

/// Describes the deletion or restoration of a retailer; `ended` is the number of assignments that it ended.
fn deletion(
    action: AuditAction,
    before: &PoolRetailer,
    deleted_at: Option<DateTime<Utc>>,
    revision: Revision,
    ended: Option<i64>,
) -> AuditedChange {
    let snapshot = |deleted_at: Option<DateTime<Utc>>, version: i64| {
        let deleted_at = deleted_at.map(|at| at.to_rfc3339());
        vec![("deletedAt", deleted_at.as_deref().into()), ("version", version.into())]
    };
    let mut after = snapshot(deleted_at, revision.version);
    after.extend(ended.map(|ended| ("assignmentsEnded", ended.into())));
    let id = before.retailer.uid.as_str().to_owned();
    let before = snapshot(before.deleted_at, before.retailer.version);
    AuditedChange::updated(action, id, before, after)
}

/// Returns the retailer with its version and time after a change.
fn revised(retailer: Retailer, revision: Revision) -> Retailer {
    Retailer { version: revision.version, updated_at: revision.updated_at, ..retailer }
}

/// The uid belongs to another retailer.
fn taken_uid() -> FieldError {
    let message = Text::fixed("is already used by another retailer", "অন্য একটি দোকান এটি ব্যবহার করছে");
    FieldError::new("uid", "taken", message)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use chrono::TimeDelta;
    use haat_domain::audit::{MockAuditWriter, Snapshot};
    use haat_domain::retailer::{
        MockPoolRetailerReader, MockPoolRetailerWriter, Place, Points, RetailerName, Routes,
    };
    use haat_domain::shared::{AreaId, DistributorId, RegionId, TerritoryId};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::retailer::pool::snapshot::{unknown_distributor, unknown_territory};
    use crate::testing::{
        FakeTx, OneTx, actor, allowed, changes, noon, response, sales_map, sample_pool_retailer, scopes,
    };
    use haat_domain::change::ExpectedVersions;

    /// The territory of the test map, with its area and region.
    fn place() -> Place {
        Place { region: RegionId::new(1), area: AreaId::new(1), territory: TerritoryId::new(1) }
    }

    /// An audit log that expects an entry with exactly these members before and at least these after; none without
    /// an action.
    fn audited(
        action: Option<AuditAction>,
        before: &'static [&'static str],
        after: &'static [&'static str],
    ) -> MockAuditWriter {
        let mut audit = MockAuditWriter::new();
        let names = |snapshot: &Option<Snapshot>| {
            snapshot.iter().flatten().map(|(name, _)| *name).collect::<Vec<_>>()
        };
        audit
            .expect_record()
            .times(usize::from(action.is_some()))
            .withf(move |entries| {
                let [entry] = entries else { return false };
                let (old, new) = (names(&entry.before), names(&entry.after));
                Some(entry.action) == action
                    && entry.entity_id.as_deref() == Some("RTL-1")
                    && old == before
                    && after.iter().all(|name| new.contains(name))
            })
            .returning(|_| Ok(()));
        audit
    }

    /// A writer that expects the lock of retailer `RTL-1` and returns what it finds.
    fn locking(found: Option<PoolRetailer>) -> MockPoolRetailerWriter {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers
            .expect_lock()
            .times(1)
            .withf(|tenant, uid| *tenant == actor().tenant && uid.as_str() == "RTL-1")
            .return_once(move |_, _| Ok(found));
        retailers
    }

    fn uid() -> RetailerUid {
        RetailerUid::parse("RTL-1").unwrap()
    }

    fn deleted() -> PoolRetailer {
        PoolRetailer { deleted_at: Some(noon()), ..sample_pool_retailer(1) }
    }

    fn accepting(expected: Option<Vec<i64>>) -> WriteOptions {
        WriteOptions {
            expected: ExpectedVersions { accepted: expected, rejected: Vec::new() },
            ..WriteOptions::default()
        }
    }

    /// Changes a retailer; returns the error or the changed retailer, and whether it was committed.
    async fn run(
        writer: MockPoolRetailerWriter,
        audit: MockAuditWriter,
        change: impl AsyncFnOnce(
            PoolRetailers,
            &mut Option<PoolRetailer>,
        ) -> Result<StoredResponse, PoolRetailerError>,
    ) -> (Result<PoolRetailer, PoolRetailerError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        maps.expect_read_uncached().returning(|_| Ok(Arc::new(sales_map())));
        let pool = Arc::new(MockPoolRetailerReader::new());
        let mut changed = None;
        let maps: Arc<dyn SalesMapReader> = Arc::new(maps);
        let scopes = scopes(maps.clone());
        let result = change(PoolRetailers::new(pool, maps, scopes, changes(tx)), &mut changed).await;
        (result.map(|_| changed.unwrap()), committed.load(Ordering::SeqCst))
    }

    async fn create(
        writer: MockPoolRetailerWriter,
        audit: MockAuditWriter,
        distributor: Option<DistributorId>,
    ) -> (Result<PoolRetailer, PoolRetailerError>, bool) {
        let new = NewRetailer {
            uid: uid(),
            name: RetailerName::parse("Shop 1").unwrap(),
            phone: None,
            territory: TerritoryId::new(1),
            distributor,
            points: Points::parse(0).unwrap(),
            routes: Routes::default(),
            notes: None,
        };
        run(writer, audit, async |pool, changed| {
            let render = |found: &FoundInPool| response(changed.insert(found.pool_retailer.clone()));
            pool.create(&allowed(), &new, &WriteOptions::default(), render).await
        })
        .await
    }

    async fn update(
        writer: MockPoolRetailerWriter,
        audit: MockAuditWriter,
        patch: PoolRetailerPatch,
        expected: Option<Vec<i64>>,
    ) -> (Result<PoolRetailer, PoolRetailerError>, bool) {
        run(writer, audit, async |pool, changed| {
            let render = |found: &FoundInPool| response(changed.insert(found.pool_retailer.clone()));
            pool.update(&allowed(), &uid(), &patch, &accepting(expected), render).await
        })
        .await
    }

    async fn delete(
        found: Option<PoolRetailer>,
        audit: MockAuditWriter,
        expected: Option<Vec<i64>>,
    ) -> (Result<PoolRetailer, PoolRetailerError>, bool) {
        let mut writer = locking(found);
        writer
            .expect_delete()
            .withf(|tenant, _, by, at| (*tenant, *by, *at) == (actor().tenant, actor().user, noon()))
            .returning(|_, _, _, at| Ok((Revision { version: 2, updated_at: at }, 3)));
        run(writer, audit, async |pool, changed| {
            let render = |found: &FoundInPool| response(changed.insert(found.pool_retailer.clone()));
            pool.delete(&allowed(), &uid(), &accepting(expected), render).await
        })
        .await
    }

    async fn restore(
        found: Option<PoolRetailer>,
        audit: MockAuditWriter,
        expected: Option<Vec<i64>>,
    ) -> (Result<PoolRetailer, PoolRetailerError>, bool) {
        let mut writer = locking(found);
        writer.expect_restore().returning(|_, _, at| Ok(Revision { version: 2, updated_at: at }));
        run(writer, audit, async |pool, changed| {
            let render = |found: &FoundInPool| response(changed.insert(found.pool_retailer.clone()));
            pool.restore(&allowed(), &uid(), &accepting(expected), render).await
        })
        .await
    }

    fn adding(outcome: AddedRetailer) -> MockPoolRetailerWriter {
        let mut retailers = MockPoolRetailerWriter::new();
        retailers.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        retailers
            .expect_add()
            .times(1)
            .withf(|tenant, new, at_place, at| {
                (*tenant, new.uid.as_str(), *at_place, *at) == (actor().tenant, "RTL-1", place(), noon())
            })
            .return_once(move |_, _, _, _| Ok(outcome));
        retailers
    }

    #[tokio::test]
    async fn creates_and_audits_a_retailer_in_its_territory() {
        let writer = adding(AddedRetailer::Added(Box::new(sample_pool_retailer(1))));
        let audit = audited(Some(AuditAction::RetailerCreate), &[], &["name", "version"]);
        assert_eq!(create(writer, audit, None).await, (Ok(sample_pool_retailer(1)), true));
    }

    #[tokio::test]
    async fn rejects_a_taken_uid() {
        for (deleted, error) in
            [(false, ChangeError::Taken(vec![taken_uid()]).into()), (true, PoolRetailerError::TakenByDeleted)]
        {
            let writer = adding(AddedRetailer::Taken { deleted });
            assert_eq!(create(writer, audited(None, &[], &[]), None).await, (Err(error), false));
        }
    }

    #[tokio::test]
    async fn reports_all_unknown_places_at_once() {
        let mut writer = MockPoolRetailerWriter::new();
        writer.expect_lock_place().returning(|_, _| Ok(None));
        writer.expect_lock_distributor().returning(|_, _| Ok(false));
        let result = create(writer, audited(None, &[], &[]), Some(DistributorId::new(9))).await;
        let unknown = ChangeError::Invalid(vec![unknown_territory(), unknown_distributor()]);
        assert_eq!(result, (Err(unknown.into()), false));
    }

    fn updating(found: Option<PoolRetailer>, updates: usize) -> MockPoolRetailerWriter {
        let mut retailers = locking(found);
        retailers.expect_update().times(updates).returning(|_, pool_retailer, at| {
            Ok(Revision { version: pool_retailer.version + 1, updated_at: at + TimeDelta::seconds(1) })
        });
        retailers
    }

    fn renaming(name: &str) -> PoolRetailerPatch {
        PoolRetailerPatch { name: RetailerName::parse(name).ok(), ..PoolRetailerPatch::default() }
    }

    #[tokio::test]
    async fn audits_changed_values_before_and_after() {
        let mut writer = updating(Some(sample_pool_retailer(1)), 1);
        writer.expect_lock_place().times(1).returning(|_, _| Ok(Some(place())));
        let patch = PoolRetailerPatch {
            territory: Some(TerritoryId::new(1)),
            points: Points::parse(0).ok(),
            ..renaming("New")
        };
        let audit = audited(Some(AuditAction::RetailerUpdate), &["name", "version"], &["name", "version"]);
        let (result, committed) = update(writer, audit, patch, Some(vec![0, 1])).await;
        let retailer = result.unwrap().retailer;
        assert_eq!((retailer.name.as_str(), retailer.version, committed), ("New", 2, true));
        assert_eq!(retailer.updated_at, noon() + TimeDelta::seconds(1));
    }

    #[tokio::test]
    async fn equal_values_are_no_change() {
        let writer = updating(Some(sample_pool_retailer(1)), 0);
        let result = update(writer, audited(None, &[], &[]), renaming("Shop 1"), None).await;
        assert_eq!(result, (Ok(sample_pool_retailer(1)), true));
    }

    #[tokio::test]
    async fn a_deleted_retailer_is_reported_before_a_stale_version_and_that_before_unknown_places() {
        let unknown = ChangeError::Invalid(vec![unknown_distributor()]);
        for (found, expected, error) in [
            (None, None, ChangeError::NotFound.into()),
            (Some(deleted()), Some(vec![9]), PoolRetailerError::Deleted),
            (Some(sample_pool_retailer(1)), Some(vec![0, 2]), ChangeError::Stale(1).into()),
            (Some(sample_pool_retailer(1)), Some(vec![1]), unknown.into()),
        ] {
            let mut writer = updating(found, 0);
            writer.expect_lock_distributor().returning(|_, _| Ok(false));
            let distributor = Some(Some(DistributorId::new(9)));
            let patch = PoolRetailerPatch { distributor, ..renaming("New") };
            let result = update(writer, audited(None, &[], &[]), patch, expected).await;
            assert_eq!(result, (Err(error), false));
        }
    }

    const DELETION: &[&str] = &["deletedAt", "version"];

    #[tokio::test]
    async fn deletes_a_retailer_and_its_assignments() {
        let after = &["deletedAt", "version", "assignmentsEnded"];
        let audit = audited(Some(AuditAction::RetailerDelete), DELETION, after);
        let (result, committed) = delete(Some(sample_pool_retailer(1)), audit, Some(vec![1])).await;
        let result = result.unwrap();
        assert_eq!((result.deleted_at, result.retailer.version, committed), (Some(noon()), 2, true));
        assert_eq!(result.sales_reps, []);
    }

    #[tokio::test]
    async fn restores_a_deleted_retailer() {
        let audit = audited(Some(AuditAction::RetailerRestore), DELETION, DELETION);
        let (result, committed) = restore(Some(deleted()), audit, Some(vec![1])).await;
        let result = result.unwrap();
        assert_eq!((result.deleted_at, result.retailer.version, committed), (None, 2, true));
    }

    #[tokio::test]
    async fn a_repeated_deletion_or_restoration_changes_nothing_regardless_of_the_version() {
        let none = || audited(None, &[], &[]);
        assert_eq!(delete(Some(deleted()), none(), Some(vec![7])).await, (Ok(deleted()), true));
        let current = sample_pool_retailer(1);
        assert_eq!(restore(Some(current.clone()), none(), Some(vec![7])).await, (Ok(current), true));
    }

    #[tokio::test]
    async fn deletion_and_restoration_reject_stale_versions() {
        let none = || audited(None, &[], &[]);
        let stale = |version| (Err(ChangeError::Stale(version).into()), false);
        let gone = deleted();
        assert_eq!(delete(Some(sample_pool_retailer(1)), none(), Some(vec![7])).await, stale(1));
        let version = gone.retailer.version;
        assert_eq!(restore(Some(gone), none(), Some(vec![7])).await, stale(version));
    }
}
