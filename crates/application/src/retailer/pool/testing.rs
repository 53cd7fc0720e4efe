//! Fixtures shared by the tests of changes to the pool.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use haat_domain::audit::MockAuditWriter;
use haat_domain::change::StoredResponse;
use haat_domain::retailer::{MockPoolRetailerWriter, Place, PoolRetailerTx};
use haat_domain::shared::{AreaId, BeginTransaction, Clock, MockClock, RegionId, Role, TerritoryId};
use haat_domain::territory::{MockSalesMapReader, SalesMapReader};

use super::FoundInPool;
use crate::shared::Actor;
use crate::testing::{FakeTx, OneTx, actor, noon, sales_map};

pub(super) fn admin() -> Actor {
    Actor { role: Role::Admin, ..actor() }
}

/// The territory of the test map, with its area and region.
pub(super) fn place() -> Place {
    Place { region: RegionId::new(1), area: AreaId::new(1), territory: TerritoryId::new(1) }
}

pub(super) fn stored_response(_: &FoundInPool) -> StoredResponse {
    StoredResponse { status: 200, location: None, etag: None, body: b"{}".to_vec() }
}

/// An audit log that expects one entry with at least these members.
pub(super) fn audited(
    action: &'static str,
    before: &'static [&'static str],
    after: &[&'static str],
) -> MockAuditWriter {
    let after = after.to_vec();
    let mut audit = MockAuditWriter::new();
    audit
        .expect_record()
        .times(1)
        .withf(move |entries| {
            let [entry] = entries else { return false };
            let has = |snapshot: &Option<haat_domain::audit::Snapshot>, names: &[&str]| {
                let members = snapshot.clone().unwrap_or_default();
                names.iter().all(|name| members.iter().any(|(member, _)| member == name))
            };
            entry.action == action
                && (entry.entity, entry.entity_id.as_deref()) == ("retailer", Some("RTL-1"))
                && entry.actor == Some((actor().user, Role::Admin))
                && entry.request_id.as_deref() == Some("r-1")
                && has(&entry.before, before)
                && has(&entry.after, &after)
                && entry.before.as_ref().is_none_or(|members| members.len() <= 3)
        })
        .returning(|_| Ok(()));
    audit
}

/// The dependencies of a use case under test.
pub(super) struct World(OneTx<FakeTx<MockPoolRetailerWriter>>, Option<FakeTx<MockPoolRetailerWriter>>);

type Parts = (
    Arc<dyn BeginTransaction<dyn PoolRetailerTx>>,
    Arc<dyn SalesMapReader>,
    Arc<dyn Clock>,
    Box<dyn Fn() -> bool>,
);

impl World {
    /// Provides one transaction, without audit entries.
    pub(super) fn of(retailers: MockPoolRetailerWriter) -> Self {
        Self(OneTx::none(), Some(FakeTx::of(retailers)))
    }

    /// Sets the audit log.
    pub(super) fn auditing(self, audit: MockAuditWriter) -> Self {
        Self(self.0, self.1.map(|tx| tx.with_audit(audit)))
    }

    /// Provides no transaction.
    pub(super) fn closed() -> Self {
        Self(OneTx::none(), None)
    }

    /// Returns the database, the maps, the clock, and a function that returns `true` after the commit.
    pub(super) fn parts(self) -> Parts {
        let db = self.1.map_or(self.0, OneTx::new);
        let committed = db.committed();
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        maps.expect_read_uncached().returning(|_| Ok(Arc::new(sales_map())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        (Arc::new(db), Arc::new(maps), Arc::new(clock), Box::new(move || committed.load(Ordering::SeqCst)))
    }
}
