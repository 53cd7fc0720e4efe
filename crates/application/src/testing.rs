//! Fakes shared by the tests of several use cases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use haat_domain::assignment::{AssignmentTx, AssignmentWriter, MockAssignmentWriter};
use haat_domain::audit::{AuditAction, AuditWriter, MockAuditWriter};
use haat_domain::auth::{
    AuthState, AuthTx, Digest, Email, FactorWriter, Grant, Grants, MockAccessTokens, MockFactorWriter,
    MockPasswordWriter, MockRefreshTokens, MockSessionWriter, PasswordWriter, PersonName, PresentedToken,
    SecondFactor, Seed, Session, SessionRecord, SessionWriter, TokenChain, User, Username,
};
use haat_domain::change::{
    CallerCheck, CallerGuard, ChangeTx, MockCallerGuard, MockStoredResponseWriter, StoredResponse,
    StoredResponseWriter,
};
use haat_domain::import::{ImportTx, ImportWriter, MockImportWriter};
use haat_domain::job::{JobWriter, MockJobWriter};
use haat_domain::people::{
    GrantWriter, MockGrantWriter, MockPasswordFileWriter, MockUserWriter, PasswordFileWriter, PeopleTx,
    Person, SalesRep, UserWriter,
};
use haat_domain::retailer::{
    MockPoolRetailerWriter, MockRetailerWriter, PoolRetailer, PoolRetailerTx, PoolRetailerWriter, Retailer,
    RetailerTx, RetailerUid, RetailerWriter, ServingRep,
};
use haat_domain::shared::{
    AreaId, BeginTransaction, FileReader, FileStore, FileWriter, MockClock, MockIdGenerator, RegionId,
    RetailerId, Role, SessionId, StorageFailure, TenantId, TerritoryId, Transaction, UserId,
};
use haat_domain::team::MockRosterReader;
use haat_domain::tenancy::{MockTenantWriter, TenantTx, TenantWriter};
use haat_domain::territory::{MockPlaceWriter, Place, PlaceWriter, SalesMap, SalesMapReader, TerritoryTx};
use secrecy::ExposeSecret as _;

use crate::auth::Issuer;
use crate::shared::{Actor, Allowed, Changes, PermissionType, Rendered, Scopes};

/// A fixed instant.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A sales rep as the caller.
pub(crate) fn actor() -> Actor {
    Actor {
        tenant: TenantId::new(1),
        user: UserId::new(7),
        role: Role::SalesRep,
        grants: Grants::Role(Role::SalesRep),
        access_version: 2,
        token_version: 3,
        session: Some(session_id()),
        must_change_password: false,
        second_factor: SecondFactor::Off,
        is_platform: false,
    }
}

/// The state of a user with one role, who may act.
pub(crate) const fn auth_state(role: Role) -> AuthState {
    AuthState {
        role,
        grants: Grants::Role(role),
        access_version: 2,
        active: true,
        must_change_password: false,
        second_factor: SecondFactor::Off,
        token_version: 3,
        session_ended: false,
        is_platform: false,
    }
}

/// A caller with grants of these roles, which have no targets.
pub(crate) fn granted(roles: &[Role]) -> Actor {
    let grants = roles.iter().filter_map(|role| Grant::new(*role, None)).collect();
    Actor {
        role: roles.iter().copied().min().unwrap_or(Role::SalesRep),
        grants: Grants::of(grants),
        ..actor()
    }
}

/// An admin as the caller, allowed to use a permission.
pub(crate) fn allowed<P: PermissionType>() -> Allowed<P> {
    Allowed::check(admin()).unwrap()
}

/// The audit log that expects one entry with this action, or none.
pub(crate) fn audits(action: Option<AuditAction>) -> MockAuditWriter {
    let mut audit = MockAuditWriter::new();
    audit
        .expect_record()
        .times(usize::from(action.is_some()))
        .withf(move |entries| entries.len() == 1 && Some(entries[0].action) == action)
        .returning(|_| Ok(()));
    audit
}

/// Runs changes in the given transaction at [`noon`].
pub(crate) fn changes<Tx: ChangeTx + ?Sized>(db: impl BeginTransaction<Tx> + 'static) -> Changes<Tx> {
    let mut clock = MockClock::new();
    clock.expect_now().returning(noon);
    Changes::new(Arc::new(db), Arc::new(clock))
}

/// Renders an empty response.
#[expect(clippy::unnecessary_wraps, reason = "changes take a function that may fail")]
pub(crate) fn response<T>(_: &T) -> Rendered {
    Ok(StoredResponse { status: 200, location: None, etag: None, body: Vec::new(), replayed: false })
}

/// The resolver of scopes over a map, for callers who lead no teams.
pub(crate) fn scopes(maps: Arc<dyn SalesMapReader>) -> Scopes {
    Scopes::new(maps, Arc::new(MockRosterReader::new()))
}

/// The session of [`actor`].
pub(crate) fn session_id() -> SessionId {
    SessionId::new(uuid::Uuid::from_u128(70))
}

/// An admin as the caller.
pub(crate) fn admin() -> Actor {
    granted(&[Role::Admin])
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
        grants: Grants::Role(Role::SalesRep),
        team: None,
        active: true,
        must_change_password: false,
        second_factor: SecondFactor::Off,
        token_version: 3,
    }
}

/// Sales rep 5, who serves 70 retailers and has a capacity of 120.
pub(crate) fn rep() -> Person {
    Person {
        user: User { id: UserId::new(5), email: Email::parse("a@b.c").ok(), ..user("sr00005") },
        first_name: None,
        last_name: None,
        rep: Some(SalesRep {
            employee_code: None,
            capacity: None,
            default_capacity: 120,
            assigned_count: 70,
        }),
        version: 4,
        created_at: noon(),
        updated_at: noon(),
    }
}

/// A transaction over mocks. `W` is the writer of the context under test.
pub(crate) struct FakeTx<W> {
    pub(crate) writer: W,
    caller: MockCallerGuard,
    stored_responses: MockStoredResponseWriter,
    audit: MockAuditWriter,
    jobs: MockJobWriter,
    committed: Arc<AtomicBool>,
}

impl<W> FakeTx<W> {
    /// Creates a transaction in which the caller may act, no idempotency key is claimed and no audit entry is
    /// recorded.
    pub(crate) fn of(writer: W) -> Self {
        let (mut caller, stored_responses, audit) =
            (MockCallerGuard::new(), MockStoredResponseWriter::new(), MockAuditWriter::new());
        caller.expect_check().returning(|_| Ok(CallerCheck::Ok));
        Self {
            writer,
            caller,
            stored_responses,
            audit,
            jobs: MockJobWriter::new(),
            committed: Arc::default(),
        }
    }

    /// Makes the check of the caller fail: they may no longer act.
    pub(crate) fn ended(mut self) -> Self {
        self.caller = MockCallerGuard::new();
        self.caller.expect_check().times(1).returning(|_| Ok(CallerCheck::Ended));
        self
    }

    /// Sets the stored responses.
    pub(crate) fn with_stored_responses(self, stored_responses: MockStoredResponseWriter) -> Self {
        Self { stored_responses, ..self }
    }

    /// Sets the jobs.
    pub(crate) fn with_jobs(self, jobs: MockJobWriter) -> Self {
        Self { jobs, ..self }
    }

    /// Returns a flag that is set when the transaction is committed.
    pub(crate) fn committed(&self) -> Arc<AtomicBool> {
        self.committed.clone()
    }

    /// Sets the audit log.
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

    fn stored_responses(&mut self) -> &mut dyn StoredResponseWriter {
        &mut self.stored_responses
    }

    fn audit(&mut self) -> &mut dyn AuditWriter {
        &mut self.audit
    }

    fn jobs(&mut self) -> &mut dyn JobWriter {
        &mut self.jobs
    }
}

/// Implements the transaction trait of a context for [`FakeTx`]; in the tests of the context, or here if several contexts
/// use it.
macro_rules! view {
    ($view:ident, $method:ident: $mock:ty as $writer:ident) => {
        impl $view for $crate::testing::FakeTx<$mock> {
            fn $method(&mut self) -> &mut dyn $writer {
                &mut self.writer
            }
        }

        #[async_trait::async_trait]
        impl haat_domain::shared::BeginTransaction<dyn $view>
            for $crate::testing::OneTx<$crate::testing::FakeTx<$mock>>
        {
            async fn begin(&self) -> Result<Box<dyn $view>, haat_domain::shared::StorageFailure> {
                Ok(Box::new(self.take()))
            }
        }
    };
}
pub(crate) use view;

/// The writers of the auth context that a test provides.
pub(crate) trait AuthWriters: Send {
    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        unreachable!("this test does not use passwords")
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        unreachable!("this test does not use sessions")
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        unreachable!("this test does not use second factors")
    }
}

impl AuthWriters for MockSessionWriter {
    fn sessions(&mut self) -> &mut dyn SessionWriter {
        self
    }
}

impl AuthWriters for (MockPasswordWriter, MockSessionWriter) {
    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        &mut self.0
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        &mut self.1
    }
}

impl AuthWriters for (MockFactorWriter, MockSessionWriter) {
    fn factors(&mut self) -> &mut dyn FactorWriter {
        &mut self.0
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        &mut self.1
    }
}

impl<W: AuthWriters> AuthTx for FakeTx<W> {
    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        self.writer.passwords()
    }

    fn sessions(&mut self) -> &mut dyn SessionWriter {
        self.writer.sessions()
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        self.writer.factors()
    }
}

#[async_trait]
impl<W: AuthWriters + 'static> BeginTransaction<dyn AuthTx> for OneTx<FakeTx<W>> {
    async fn begin(&self) -> Result<Box<dyn AuthTx>, StorageFailure> {
        Ok(Box::new(self.take()))
    }
}

/// Several transactions, in order.
pub(crate) struct Txs<Tx>(Mutex<std::collections::VecDeque<Tx>>);

impl<Tx> Txs<Tx> {
    pub(crate) fn new(txs: impl IntoIterator<Item = Tx>) -> Self {
        Self(Mutex::new(txs.into_iter().collect()))
    }
}

#[async_trait]
impl<W: AuthWriters + 'static> BeginTransaction<dyn AuthTx> for Txs<FakeTx<W>> {
    async fn begin(&self) -> Result<Box<dyn AuthTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().pop_front().unwrap()))
    }
}

/// The session of [`actor`], used last at [`noon`], with the first token of an unused chain.
pub(crate) fn session_record() -> SessionRecord {
    let user = user("sr00001");
    let session = Session {
        id: session_id(),
        user: user.id,
        device: None,
        user_agent: None,
        token_version: user.token_version,
        created_at: noon(),
        last_used_at: noon(),
        ended_at: None,
    };
    let chain = TokenChain {
        family: Digest([9; 32]),
        current: Digest([2; 32]),
        previous: None,
        seed: Seed([5; 32]),
        replaced: None,
    };
    SessionRecord { session, chain, user }
}

/// The session after the request `kind token code`, whose tokens [`deriving`] derives.
pub(crate) fn session_after(request: &'static str) -> SessionRecord {
    let record = session_record();
    let chain = record.chain.restarted_with(&presented_for(request));
    SessionRecord { chain, ..record }
}

/// Derives from each request a token with the text of the request.
pub(crate) fn deriving() -> MockRefreshTokens {
    let mut refresh = MockRefreshTokens::new();
    refresh.expect_derive().returning(|_, session, request, seed| {
        assert_eq!((session, *seed), (session_id(), Seed([5; 32])));
        Ok((request.clone(), presented_for(request.expose_secret())))
    });
    refresh
}

fn presented_for(request: &str) -> PresentedToken {
    let sum = request.bytes().fold(0_u8, u8::wrapping_add);
    let (tenant, session) = (actor().tenant, session_id());
    PresentedToken { tenant, session, family: Digest([sum; 32]), key: Digest([sum; 32]) }
}

/// The writers of the people context that a test provides.
pub(crate) trait PeopleWriters: Send {
    fn users(&mut self) -> &mut dyn UserWriter {
        unreachable!("this test does not use users")
    }

    fn grants(&mut self) -> &mut dyn GrantWriter {
        unreachable!("this test does not use grants")
    }

    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        unreachable!("this test does not use passwords")
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        unreachable!("this test does not use second factors")
    }

    fn password_files(&mut self) -> &mut dyn PasswordFileWriter {
        unreachable!("this test does not use password files")
    }
}

impl PeopleWriters for MockUserWriter {
    fn users(&mut self) -> &mut dyn UserWriter {
        self
    }
}

impl PeopleWriters for (MockUserWriter, MockPasswordWriter) {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.0
    }

    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        &mut self.1
    }
}

impl PeopleWriters for (MockUserWriter, MockGrantWriter) {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.0
    }

    fn grants(&mut self) -> &mut dyn GrantWriter {
        &mut self.1
    }
}

impl PeopleWriters for (MockUserWriter, MockFactorWriter) {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.0
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        &mut self.1
    }
}

impl PeopleWriters for (MockUserWriter, MockPasswordFileWriter) {
    fn users(&mut self) -> &mut dyn UserWriter {
        &mut self.0
    }

    fn password_files(&mut self) -> &mut dyn PasswordFileWriter {
        &mut self.1
    }
}

impl<W: PeopleWriters> PeopleTx for FakeTx<W> {
    fn users(&mut self) -> &mut dyn UserWriter {
        self.writer.users()
    }

    fn grants(&mut self) -> &mut dyn GrantWriter {
        self.writer.grants()
    }

    fn passwords(&mut self) -> &mut dyn PasswordWriter {
        self.writer.passwords()
    }

    fn factors(&mut self) -> &mut dyn FactorWriter {
        self.writer.factors()
    }

    fn password_files(&mut self) -> &mut dyn PasswordFileWriter {
        self.writer.password_files()
    }
}

#[async_trait]
impl<W: PeopleWriters + 'static> BeginTransaction<dyn PeopleTx> for OneTx<FakeTx<W>> {
    async fn begin(&self) -> Result<Box<dyn PeopleTx>, StorageFailure> {
        Ok(Box::new(self.take()))
    }
}

#[async_trait]
impl<W: PeopleWriters + 'static> BeginTransaction<dyn PeopleTx> for Txs<FakeTx<W>> {
    async fn begin(&self) -> Result<Box<dyn PeopleTx>, StorageFailure> {
        Ok(Box::new(self.0.lock().unwrap().pop_front().unwrap()))
    }
}

/// A store with a single file, and a flag that its removal sets.
pub(crate) struct SingleFileStore(pub(crate) &'static str, pub(crate) AtomicBool);

#[async_trait]
impl FileStore for SingleFileStore {
    async fn create(&self, _: &str) -> Result<Box<dyn FileWriter>, StorageFailure> {
        Err(StorageFailure::Broken("not implemented".into()))
    }

    async fn open(&self, _: &str) -> Result<Option<Box<dyn FileReader>>, StorageFailure> {
        Ok(Some(Box::new(Pieces::of(&[self.0.as_bytes()]))))
    }

    async fn remove(&self, _: &str) -> Result<(), StorageFailure> {
        self.1.store(true, Ordering::SeqCst);
        Ok(())
    }
}

/// An issuer of access tokens that name the user and the token version and expire after 12 hours. Every
/// session is [`session_id`].
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

view!(PoolRetailerTx, retailers: MockPoolRetailerWriter as PoolRetailerWriter);
view!(RetailerTx, retailers: MockRetailerWriter as RetailerWriter);
view!(AssignmentTx, assignments: MockAssignmentWriter as AssignmentWriter);
view!(TerritoryTx, places: MockPlaceWriter as PlaceWriter);
view!(ImportTx, imports: MockImportWriter as ImportWriter);
view!(TenantTx, tenants: MockTenantWriter as TenantWriter);

/// Provides one transaction; a second `begin` panics.
pub(crate) struct OneTx<T>(Mutex<Option<T>>, Arc<AtomicBool>);

impl<W> OneTx<FakeTx<W>> {
    /// Takes the transaction.
    pub(crate) fn take(&self) -> FakeTx<W> {
        self.0.lock().unwrap().take().expect("only one transaction may begin")
    }

    pub(crate) fn new(tx: FakeTx<W>) -> Self {
        let committed = tx.committed.clone();
        Self(Mutex::new(Some(tx)), committed)
    }
}

impl<T> OneTx<T> {
    /// Creates a database for use cases that must not begin a transaction.
    pub(crate) fn none() -> Self {
        Self(Mutex::new(None), Arc::default())
    }

    /// Returns a flag that the commit sets.
    pub(crate) fn committed(&self) -> Arc<AtomicBool> {
        self.1.clone()
    }
}

/// The retailer `RTL-<number>`, located on [`sales_map`].
pub(crate) fn retailer(number: i64) -> Retailer {
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

/// The same retailer in the pool, served by one sales rep.
pub(crate) fn sample_pool_retailer(number: i64) -> PoolRetailer {
    let rep = ServingRep {
        id: UserId::new(9),
        username: "sr00009".into(),
        name: "Karim".into(),
        assigned_at: noon(),
    };
    PoolRetailer { retailer: retailer(number), created_at: noon(), deleted_at: None, sales_reps: vec![rep] }
}

/// A map with one region, one area and one territory.
pub(crate) fn sales_map() -> SalesMap {
    let mut map = SalesMap::default();
    let place = |name: &str, parent| Place { id: 1, name: name.into(), name_bn: None, parent, version: 1 };
    map.regions.add(RegionId::new(1), place("Dhaka", None));
    map.areas.add(AreaId::new(1), place("Gazipur", Some(1)));
    map.territories.add(TerritoryId::new(1), place("Kaliganj", Some(1)));
    map
}

/// A file that is read in these pieces.
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
