//! Fakes that several use-case tests share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use haat_domain::assignment::{AssignmentTx, AssignmentWriter, MockAssignmentWriter};
use haat_domain::audit::{AuditWriter, MockAuditWriter};
use haat_domain::identity::{IdentityTx, MockUserWriter, Role, User, UserWriter, Username};
use haat_domain::retailer::{MockRetailerWriter, Retailer, RetailerTx, RetailerUid, RetailerWriter};
use haat_domain::shared::{
    AreaId, Begin, MockReceiptWriter, ReceiptWriter, RegionId, RetailerId, StorageFailure, TenantId,
    TerritoryId, Transaction, UserId,
};
use haat_domain::territory::SalesMap;

use crate::shared::Actor;

/// A fixed instant.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A sales representative who calls.
pub(crate) fn actor() -> Actor {
    Actor { tenant: TenantId::new(1), user: UserId::new(7), role: Role::SalesRep, token_version: 3 }
}

/// The user behind [`actor`].
pub(crate) fn user(username: &str) -> User {
    User {
        id: actor().user,
        tenant: actor().tenant,
        username: Username::parse(username).unwrap(),
        name: "Rahim Uddin".into(),
        phone: None,
        email: None,
        role: Role::SalesRep,
        active: true,
        token_version: 3,
    }
}

/// Identity's view of a transaction, over mocks.
pub(crate) struct FakeIdentityTx {
    users: MockUserWriter,
    audit: MockAuditWriter,
    committed: Arc<AtomicBool>,
}

impl FakeIdentityTx {
    pub(crate) fn new(users: MockUserWriter, audit: MockAuditWriter) -> Self {
        Self { users, audit, committed: Arc::default() }
    }
}

#[async_trait]
impl Transaction for FakeIdentityTx {
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure> {
        self.committed.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn roll_back(self: Box<Self>) {}
}

impl IdentityTx for FakeIdentityTx {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.users
    }

    fn audit(&mut self) -> &mut dyn AuditWriter {
        &mut self.audit
    }
}

/// The shops' view of a transaction, over mocks.
pub(crate) struct FakeRetailerTx {
    retailers: MockRetailerWriter,
    receipts: MockReceiptWriter,
    committed: Arc<AtomicBool>,
}

impl FakeRetailerTx {
    pub(crate) fn new(retailers: MockRetailerWriter, receipts: MockReceiptWriter) -> Self {
        Self { retailers, receipts, committed: Arc::default() }
    }
}

#[async_trait]
impl Transaction for FakeRetailerTx {
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure> {
        self.committed.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn roll_back(self: Box<Self>) {}
}

impl RetailerTx for FakeRetailerTx {
    fn retailers(&mut self) -> &mut dyn RetailerWriter {
        &mut self.retailers
    }

    fn receipts(&mut self) -> &mut dyn ReceiptWriter {
        &mut self.receipts
    }
}

/// The assignments' view of a transaction, over mocks.
pub(crate) struct FakeAssignmentTx {
    assignments: MockAssignmentWriter,
    receipts: MockReceiptWriter,
    committed: Arc<AtomicBool>,
}

impl FakeAssignmentTx {
    pub(crate) fn new(assignments: MockAssignmentWriter, receipts: MockReceiptWriter) -> Self {
        Self { assignments, receipts, committed: Arc::default() }
    }
}

#[async_trait]
impl Transaction for FakeAssignmentTx {
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure> {
        self.committed.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn roll_back(self: Box<Self>) {}
}

impl AssignmentTx for FakeAssignmentTx {
    fn assignments(&mut self) -> &mut dyn AssignmentWriter {
        &mut self.assignments
    }

    fn receipts(&mut self) -> &mut dyn ReceiptWriter {
        &mut self.receipts
    }
}

impl OneTx<FakeAssignmentTx> {
    pub(crate) fn of_assignments(tx: FakeAssignmentTx) -> Self {
        let committed = tx.committed.clone();
        Self(Mutex::new(Some(tx)), committed)
    }
}

#[async_trait]
impl Begin<dyn AssignmentTx> for OneTx<FakeAssignmentTx> {
    async fn begin(&self) -> Result<Box<dyn AssignmentTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().take().expect("one transaction")))
    }
}

/// Begins one transaction, once.
pub(crate) struct OneTx<T>(Mutex<Option<T>>, Arc<AtomicBool>);

impl OneTx<FakeIdentityTx> {
    pub(crate) fn new(tx: FakeIdentityTx) -> Self {
        let committed = tx.committed.clone();
        Self(Mutex::new(Some(tx)), committed)
    }
}

impl OneTx<FakeRetailerTx> {
    pub(crate) fn of_retailers(tx: FakeRetailerTx) -> Self {
        let committed = tx.committed.clone();
        Self(Mutex::new(Some(tx)), committed)
    }
}

impl<T> OneTx<T> {
    /// For use cases that must not begin any.
    pub(crate) fn none() -> Self {
        Self(Mutex::new(None), Arc::default())
    }

    /// Becomes true at the commit.
    pub(crate) fn committed(&self) -> Arc<AtomicBool> {
        self.1.clone()
    }
}

#[async_trait]
impl Begin<dyn IdentityTx> for OneTx<FakeIdentityTx> {
    async fn begin(&self) -> Result<Box<dyn IdentityTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().take().expect("one transaction")))
    }
}

/// The shop `RTL-<number>`, on [`sales_map`].
pub(crate) fn shop(number: i64) -> Retailer {
    Retailer {
        id: RetailerId::new(number),
        uid: RetailerUid::parse(&format!("RTL-{number}")).unwrap(),
        name: format!("Shop {number}"),
        phone: None,
        region: RegionId::new(1),
        area: AreaId::new(1),
        territory: TerritoryId::new(1),
        distributor: None,
        points: 0,
        routes: vec![],
        notes: None,
        updated_at: noon(),
        version: 1,
        assigned_at: None,
    }
}

/// One place of each kind.
pub(crate) fn sales_map() -> SalesMap {
    let mut map = SalesMap::default();
    map.regions.add(RegionId::new(1), "Dhaka");
    map.areas.add(AreaId::new(1), "Gazipur");
    map.territories.add(TerritoryId::new(1), "Kaliganj");
    map
}

#[async_trait]
impl Begin<dyn RetailerTx> for OneTx<FakeRetailerTx> {
    async fn begin(&self) -> Result<Box<dyn RetailerTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().take().expect("one transaction")))
    }
}
