//! Fakes that several use-case tests share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use haat_domain::assignment::{AssignmentTx, AssignmentWriter, MockAssignmentWriter};
use haat_domain::audit::{AuditWriter, MockAuditWriter};
use haat_domain::identity::{
    CallerGuard, Email, FactorWriter, IdentityTx, MockAccessTokens, MockCallerGuard, MockFactorWriter,
    MockRefreshTokens, MockSessionWriter, MockSettingsWriter, MockTenantWriter, MockUserWriter, Person,
    PersonName, Role, SalesRep, SecondFactor, SessionId, SessionWriter, SettingsWriter, TenantTx,
    TenantWriter, User, UserWriter, Username,
};
use haat_domain::import::{ImportTx, ImportWriter, MockImportWriter};
use haat_domain::job::{JobWriter, MockJobWriter};
use haat_domain::retailer::{
    MockOfficeRetailerWriter, MockRetailerWriter, OfficeRetailer, OfficeRetailerTx, OfficeRetailerWriter,
    Retailer, RetailerTx, RetailerUid, RetailerWriter, ServingRep,
};
use haat_domain::shared::{
    AreaId, Begin, ChangeTx, FileReader, MockClock, MockIdGenerator, MockReceiptWriter, ReceiptWriter,
    RegionId, RetailerId, StorageFailure, TenantId, TerritoryId, Transaction, UserId,
};
use haat_domain::territory::{MockPlaceWriter, Place, PlaceWriter, SalesMap, TerritoryTx};

use crate::identity::Issuer;
use crate::shared::Actor;

/// A fixed instant.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A sales representative who calls.
pub(crate) fn actor() -> Actor {
    Actor {
        tenant: TenantId::new(1),
        user: UserId::new(7),
        role: Role::SalesRep,
        token_version: 3,
        session: Some(session_id()),
        must_change_password: false,
        second_factor: SecondFactor::Off,
    }
}

/// The session of [`actor`].
pub(crate) fn session_id() -> SessionId {
    SessionId::new(uuid::Uuid::from_u128(70))
}

/// An administrator who calls.
pub(crate) fn admin() -> Actor {
    Actor { role: Role::Admin, ..actor() }
}

/// The user behind [`actor`].
pub(crate) fn user(username: &str) -> User {
    User {
        id: actor().user,
        tenant: actor().tenant,
        username: Username::parse(username).unwrap(),
        name: PersonName::parse("Rahim Uddin").unwrap(),
        phone: None,
        email: None,
        role: Role::SalesRep,
        active: true,
        must_change_password: false,
        second_factor: SecondFactor::Off,
        token_version: 3,
    }
}

/// The representative 5, who serves 70 shops of 120.
pub(crate) fn rep() -> Person {
    Person {
        user: User { id: UserId::new(5), email: Email::parse("a@b.c").ok(), ..user("sr00005") },
        rep: Some(SalesRep { employee_code: None, capacity: None, default_capacity: 120, load: 70 }),
        version: 4,
        created_at: noon(),
        updated_at: noon(),
    }
}

/// A transaction over mocks: `W` is the writer of the context that is tested.
pub(crate) struct FakeTx<W> {
    writer: W,
    caller: MockCallerGuard,
    receipts: MockReceiptWriter,
    audit: MockAuditWriter,
    jobs: MockJobWriter,
    committed: Arc<AtomicBool>,
}

impl<W> FakeTx<W> {
    /// One in which the caller may act, nothing is done once, and nothing is audited.
    pub(crate) fn of(writer: W) -> Self {
        let (mut caller, receipts, audit) =
            (MockCallerGuard::new(), MockReceiptWriter::new(), MockAuditWriter::new());
        caller.expect_may_act().returning(|_| Ok(true));
        Self { writer, caller, receipts, audit, jobs: MockJobWriter::new(), committed: Arc::default() }
    }

    /// One in which the caller may not act any more.
    pub(crate) fn ended(mut self) -> Self {
        self.caller = MockCallerGuard::new();
        self.caller.expect_may_act().times(1).returning(|_| Ok(false));
        self
    }

    /// With these receipts.
    pub(crate) fn with_receipts(self, receipts: MockReceiptWriter) -> Self {
        Self { receipts, ..self }
    }

    /// With these jobs.
    pub(crate) fn with_jobs(self, jobs: MockJobWriter) -> Self {
        Self { jobs, ..self }
    }

    /// With this audit log.
    pub(crate) fn with_audit(self, audit: MockAuditWriter) -> Self {
        Self { audit, ..self }
    }
}

#[async_trait]
impl<W: Send> Transaction for FakeTx<W> {
    async fn commit(self: Box<Self>) -> Result<(), StorageFailure> {
        self.committed.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn roll_back(self: Box<Self>) {}
}

impl<W: Send> ChangeTx for FakeTx<W> {
    fn caller(&mut self) -> &mut dyn CallerGuard {
        &mut self.caller
    }

    fn receipts(&mut self) -> &mut dyn ReceiptWriter {
        &mut self.receipts
    }

    fn audit(&mut self) -> &mut dyn AuditWriter {
        &mut self.audit
    }

    fn jobs(&mut self) -> &mut dyn JobWriter {
        &mut self.jobs
    }
}

/// A context's view of [`FakeTx`].
macro_rules! view {
    ($view:ident, $method:ident: $mock:ty as $writer:ident) => {
        impl $view for FakeTx<$mock> {
            fn $method(&mut self) -> &mut dyn $writer {
                &mut self.writer
            }
        }

        #[async_trait]
        impl Begin<dyn $view> for OneTx<FakeTx<$mock>> {
            async fn begin(&self) -> Result<Box<dyn $view>, StorageFailure> {
                Ok(Box::new(self.0.lock().unwrap().take().expect("one transaction")))
            }
        }
    };
}

/// What identity changes: users, sessions, or both.
pub(crate) trait IdentityWriters: Send {
    fn users(&mut self) -> &mut dyn UserWriter {
        unreachable!("users are no part of this test")
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        unreachable!("sessions are no part of this test")
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        unreachable!("second factors are no part of this test")
    }

    fn settings(&mut self) -> &mut dyn SettingsWriter {
        unreachable!("settings are no part of this test")
    }
}

impl IdentityWriters for (MockFactorWriter, MockUserWriter, MockSessionWriter) {
    fn factors(&mut self) -> &mut dyn FactorWriter {
        &mut self.0
    }

    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.1
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        &mut self.2
    }
}

impl IdentityWriters for MockSettingsWriter {
    fn settings(&mut self) -> &mut dyn SettingsWriter {
        self
    }
}

impl IdentityWriters for MockUserWriter {
    fn users(&mut self) -> &mut dyn UserWriter {
        self
    }
}

impl IdentityWriters for MockSessionWriter {
    fn sessions(&mut self) -> &mut dyn SessionWriter {
        self
    }
}

impl IdentityWriters for (MockUserWriter, MockSessionWriter) {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.0
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        &mut self.1
    }
}

impl<W: IdentityWriters> IdentityTx for FakeTx<W> {
    fn users(&mut self) -> &mut dyn UserWriter {
        self.writer.users()
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        self.writer.sessions()
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        self.writer.factors()
    }

    fn settings(&mut self) -> &mut dyn SettingsWriter {
        self.writer.settings()
    }
}

#[async_trait]
impl<W: IdentityWriters + 'static> Begin<dyn IdentityTx> for OneTx<FakeTx<W>> {
    async fn begin(&self) -> Result<Box<dyn IdentityTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().take().expect("one transaction")))
    }
}

/// Issues tokens that say for which version they are, for twelve hours; every session is [`session_id`].
pub(crate) fn issuer(refresh: MockRefreshTokens) -> Arc<Issuer> {
    let (mut access, mut ids, mut clock) =
        (MockAccessTokens::new(), MockIdGenerator::new(), MockClock::new());
    access.expect_issue().returning(|claims| {
        assert_eq!(claims.expires_at - claims.issued_at, chrono::Duration::hours(12));
        assert_eq!((claims.issued_at, claims.session), (noon(), session_id()));
        Ok(format!("token of {} version {}", claims.user, claims.token_version).into())
    });
    ids.expect_next().returning(|| session_id().get());
    clock.expect_now().returning(noon);
    let issuer = Issuer::new(
        Arc::new(access),
        Arc::new(refresh),
        Arc::new(ids),
        Arc::new(clock),
        chrono::Duration::hours(12),
    );
    Arc::new(issuer)
}

view!(OfficeRetailerTx, shops: MockOfficeRetailerWriter as OfficeRetailerWriter);
view!(RetailerTx, retailers: MockRetailerWriter as RetailerWriter);
view!(AssignmentTx, assignments: MockAssignmentWriter as AssignmentWriter);
view!(TerritoryTx, places: MockPlaceWriter as PlaceWriter);
view!(ImportTx, imports: MockImportWriter as ImportWriter);
view!(TenantTx, tenants: MockTenantWriter as TenantWriter);

/// Begins one transaction, once.
pub(crate) struct OneTx<T>(Mutex<Option<T>>, Arc<AtomicBool>);

impl<W> OneTx<FakeTx<W>> {
    pub(crate) fn new(tx: FakeTx<W>) -> Self {
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

/// The same, as the office sees it.
pub(crate) fn office_shop(number: i64) -> OfficeRetailer {
    let rep = ServingRep {
        id: UserId::new(9),
        username: "sr00009".into(),
        name: "Karim".into(),
        assigned_at: noon(),
    };
    OfficeRetailer { retailer: shop(number), created_at: noon(), deleted_at: None, sales_reps: vec![rep] }
}

/// One place of each kind.
pub(crate) fn sales_map() -> SalesMap {
    let mut map = SalesMap::default();
    let place = |name: &str, parent| Place { id: 1, name: name.into(), name_bn: None, parent, version: 1 };
    map.regions.add(RegionId::new(1), place("Dhaka", None));
    map.areas.add(AreaId::new(1), place("Gazipur", Some(1)));
    map.territories.add(TerritoryId::new(1), place("Kaliganj", Some(1)));
    map
}

/// A file that comes in these pieces.
pub(crate) struct Pieces(std::collections::VecDeque<Vec<u8>>);

impl Pieces {
    pub(crate) fn of(pieces: &[&[u8]]) -> Self {
        Self(pieces.iter().map(|piece| piece.to_vec()).collect())
    }
}

#[async_trait]
impl FileReader for Pieces {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        Ok(self.0.pop_front())
    }
}
