//! The number of statements of an assignment change is the same for one retailer and for ten thousand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use haat_application::assignment::{
    ApplyPlan, AssignmentGroup, ExecuteOrder, Order, OrderInput, Outcome, UndoBatch,
};
use haat_application::shared::{Actor, Allowed, ChangeAssignments, Changes, Rendered, WriteOptions};
use haat_domain::assignment::{IfAssigned, RepSelector};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{Clock, Role, TenantId, UserId};
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};
use haat_test_support::{Fixture, TestDatabase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A proxy of PostgreSQL that counts executed statements, including `BEGIN` and `COMMIT`.
pub(crate) struct StatementCounter {
    address: SocketAddr,
    pub(crate) count: Arc<AtomicUsize>,
}

impl StatementCounter {
    /// Starts the proxy, and returns it with a database of one connection through it, so that the prepared statements are the
    /// same in each round.
    pub(crate) async fn of(database: &TestDatabase) -> (Self, PgDatabase) {
        let mut url = url::Url::parse(&database.app_url()).unwrap();
        let counter = Self::new(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())).await;
        url.set_ip_host(counter.address.ip()).unwrap();
        url.set_port(Some(counter.address.port())).unwrap();
        let config = DatabaseConfig { pool_size: 1, ..DatabaseConfig::new(url) };
        (counter, PgDatabase::new(&config).unwrap())
    }

    async fn new(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let shared_count = count.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (from_client, mut to_client) = client.into_split();
                let server = TcpStream::connect(&target).await.unwrap();
                let (mut from_server, to_server) = server.into_split();
                tokio::spawn(count_statements(from_client, to_server, shared_count.clone()));
                tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            }
        });
        Self { address, count }
    }
}

/// Counts Execute and Query messages. A message is a type letter (absent in the first message), a length of four bytes that
/// includes itself, and the body.
async fn count_statements(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, count: Arc<AtomicUsize>) {
    let (mut buffer, mut head, mut rest, mut letter) = (vec![0; 65_536], Vec::new(), 0, 0);
    while let Ok(read @ 1..) = client.read(&mut buffer).await {
        for byte in &buffer[..read] {
            if rest > 0 {
                rest -= 1;
                continue;
            }
            head.push(*byte);
            if head.len() == letter + 4 {
                // Execute, or a simple query.
                if letter == 1 && [b'E', b'Q'].contains(&head[0]) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                rest = u32::from_be_bytes(head[letter..].try_into().unwrap()) - 4;
                letter = 1;
                head.clear();
            }
        }
        server.write_all(&buffer[..read]).await.unwrap();
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }
}

/// Runs a change with a renderer that keeps the outcome, and returns the outcome.
pub(crate) async fn executed<E>(
    run: impl AsyncFnOnce(&mut dyn FnMut(&Outcome) -> Rendered) -> Result<StoredResponse, E>,
) -> Result<Outcome, E> {
    let mut rendered = None;
    run(&mut |outcome| {
        rendered = Some(outcome.clone());
        Ok(StoredResponse { status: 200, location: None, etag: None, body: Vec::new(), replayed: false })
    })
    .await?;
    Ok(rendered.unwrap())
}

struct World {
    allowed: Allowed<ChangeAssignments>,
    counter: StatementCounter,
    orders: ExecuteOrder,
    apply: ApplyPlan,
    undo: UndoBatch,
    last: usize,
}

impl World {
    /// Returns the number of statements since the last call.
    fn take_count(&mut self) -> usize {
        let count = self.counter.count.load(Ordering::SeqCst);
        count - std::mem::replace(&mut self.last, count)
    }

    /// Executes an order and counts its statements; asserts that it affects `retailers` retailers.
    async fn order(&mut self, order: Order, plan: bool, retailers: usize) -> (usize, Outcome) {
        let write_options = WriteOptions { request_id: "r".into(), ..WriteOptions::default() };
        let input = OrderInput { order, force: false, reason: None, plan };
        let Self { allowed, orders, .. } = &*self;
        let outcome = executed(async |render| orders.execute(allowed, &input, &write_options, render).await)
            .await
            .unwrap();
        let totals = &outcome.result.totals;
        let refused: i64 = outcome.result.over_capacity.iter().map(|over| over.refused).sum();
        let affected = totals.assigned + totals.moved + totals.unassigned + refused;
        assert_eq!(affected, i64::try_from(retailers).unwrap());
        (self.take_count(), outcome)
    }

    /// Counts the statements of every kind of change of `retailers` retailers, which are unassigned before and afterwards.
    async fn statements(&mut self, retailers: usize) -> Vec<(&'static str, usize)> {
        let uids: Vec<String> = (0..retailers).map(|number| format!("MANY-{number:05}")).collect();
        let group = |rep: &str| {
            vec![AssignmentGroup { rep: RepSelector::parse(rep).unwrap(), retailers: uids.clone() }]
        };
        let assign = |rep: &str, if_assigned| Order::Assign { groups: group(rep), if_assigned };
        let write_options = WriteOptions { request_id: "r".into(), ..WriteOptions::default() };
        let mut counts = Vec::new();
        counts.push((
            "assign, over capacity",
            self.order(assign("sr00003", IfAssigned::Share), false, retailers).await.0,
        ));
        counts.push((
            "assign, share",
            self.order(assign("sr00004", IfAssigned::Share), false, retailers).await.0,
        ));
        counts.push((
            "assign, move",
            self.order(assign("sr00005", IfAssigned::Move), false, retailers).await.0,
        ));
        let transfer = Order::Transfer {
            from: RepSelector::parse("sr00005").unwrap(),
            to: vec![RepSelector::parse("sr00004").unwrap()],
            retailers: None,
        };
        counts.push(("transfer", self.order(transfer, false, retailers).await.0));
        let (count, plan) = self.order(assign("sr00005", IfAssigned::Move), true, retailers).await;
        counts.push(("plan", count));
        let plan = plan.batch.unwrap();
        let Self { allowed, apply, .. } = &*self;
        executed(async |render| apply.execute(allowed, plan, &write_options, render).await).await.unwrap();
        counts.push(("apply", self.take_count()));
        let Self { allowed, undo, .. } = &*self;
        let undone =
            executed(async |render| undo.execute(allowed, plan, &write_options, render).await).await.unwrap();
        assert_eq!(undone.result.totals.moved, i64::try_from(retailers).unwrap());
        counts.push(("undo", self.take_count()));
        let unassign = Order::Unassign { groups: group("sr00004") };
        counts.push(("unassign", self.order(unassign, false, retailers).await.0));
        counts
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_retailers_take_as_many_statements_as_one() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    database
        .owner()
        .await
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                 SELECT tenant_id, 'sr0000' || n, name, password_hash, role FROM users, generate_series(3, 5) AS n \
                  WHERE username = 'sr00001'; \
             INSERT INTO sales_reps (tenant_id, id, capacity) \
                 SELECT tenant_id, id, CASE username WHEN 'sr00003' THEN 0 ELSE 10000 END \
                   FROM users WHERE username IN ('sr00003', 'sr00004', 'sr00005'); \
             INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
                 SELECT tenant_id, 'MANY-' || lpad(n::text, 5, '0'), name, region_id, area_id, territory_id, search_key \
                   FROM retailers, generate_series(0, 9999) AS n WHERE tenant_id = 1 AND uid = 'RTL-0006'; \
             ANALYZE retailers",
        )
        .await
        .unwrap();
    let (counter, db) = StatementCounter::of(&database).await;
    let changes = Changes::new(Arc::new(db), Arc::new(Noon));
    let actor = Actor {
        tenant: TenantId::new(ours.tenant),
        user: UserId::new(ours.admin.id),
        role: Role::Admin,
        grants: haat_domain::auth::Grants::Role(Role::Admin),
        access_version: 1,
        token_version: 1,
        session: None,
        must_change_password: false,
        second_factor: haat_domain::auth::SecondFactor::Off,
        is_platform: false,
    };
    let mut world = World {
        allowed: Allowed::check(actor).unwrap(),
        counter,
        orders: ExecuteOrder::new(changes.clone()),
        apply: ApplyPlan::new(changes.clone()),
        undo: UndoBatch::new(changes),
        last: 0,
    };
    world.statements(1).await;
    let one = world.statements(1).await;
    println!("{one:?}");
    assert!(one.iter().all(|(_, count)| *count > 5), "statements are not counted: {one:?}");
    assert_eq!(world.statements(70).await, one);
    assert_eq!(world.statements(10_000).await, one);
}
