//! Two years of who serves which shop, made up at random, beside the simplest account of them: a list of who served what
//! from when until when, kept by the rules alone and never by looking at the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use haat_application::assignment::{
    ApplyPlan, ApplyPlanError, AssignmentError, AssignmentGroup, ChangeAssignments, ChangeAssignmentsInput,
    Order, Outcome, ReadAssignments, UndoBatch, UndoBatchError,
};
use haat_application::retailer::office::{DeleteRetailer, DeletionInput, RestoreRetailer};
use haat_application::shared::{Actor, Change, Done};
use haat_domain::assignment::{IfAssigned, RepRef, When};
use haat_domain::identity::Role;
use haat_domain::retailer::{RetailerQuery, RetailerReader, RetailerUid};
use haat_domain::shared::{BatchId, Clock, Limit, PageRequest, Receipt, Scope, TenantId, UserId};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Client, Fixture, TestDatabase};

const REPS: usize = 5;
const SHOPS: usize = 12;
const OPERATIONS: usize = 250;
/// Unless they have a capacity of their own.
const CAPACITY: usize = 120;

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        let sides = usize::try_from(most - least + 1).unwrap();
        least + i64::try_from(self.roll(sides)).unwrap()
    }

    fn some(&mut self, of: usize, most: usize) -> BTreeSet<usize> {
        (0..=self.roll(most)).map(|_| self.roll(of)).collect()
    }
}

/// A clock that is moved by hand.
#[derive(Default)]
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// The midnight in Dhaka with which this day begins.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let dhaka = FixedOffset::east_opt(6 * 3600).unwrap();
    day.and_time(chrono::NaiveTime::MIN).and_local_timezone(dhaka).unwrap().to_utc()
}

fn day_in_dhaka(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(6)).date_naive()
}

type Pair = (usize, usize);

/// Representative and shop are numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Life {
    rep: usize,
    shop: usize,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    batch: BatchId,
    end: Option<(Option<BatchId>, &'static str)>,
}

/// What a batch would do: pairs of shop and representative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Steps {
    starts: BTreeSet<Pair>,
    ends: BTreeSet<Pair>,
    keeps: BTreeSet<Pair>,
    skips: BTreeSet<Pair>,
}

impl Steps {
    /// `assigned`, `alreadyAssigned`, `moved`, `unassigned`, `skipped`.
    fn counts(&self) -> [i64; 5] {
        let loses = |shop: usize| self.ends.iter().any(|pair| pair.0 == shop);
        let gets = |shop: usize| self.starts.iter().chain(&self.keeps).any(|pair| pair.0 == shop);
        let count = |pairs: &BTreeSet<Pair>, counts: &dyn Fn(usize) -> bool| {
            i64::try_from(pairs.iter().filter(|pair| counts(pair.0)).count()).unwrap()
        };
        [
            count(&self.starts, &|shop| !loses(shop)),
            count(&self.keeps, &|shop| !loses(shop)),
            count(&self.starts, &loses) + count(&self.keeps, &loses),
            count(&self.ends, &|shop| !gets(shop)),
            count(&self.skips, &|_| true),
        ]
    }

    fn is_nothing(&self) -> bool {
        self.starts.is_empty() && self.ends.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Planned,
    Applied,
    Undone,
}

/// What a plan saw.
#[derive(Debug, Clone)]
struct Plan {
    steps: Steps,
    reason: &'static str,
    served: BTreeMap<usize, BTreeSet<usize>>,
    loads: BTreeMap<usize, (usize, usize)>,
}

/// The account of it all.
#[derive(Default)]
struct Oracle {
    lives: Vec<Life>,
    deleted: BTreeSet<usize>,
    disabled: BTreeSet<usize>,
    capacities: BTreeMap<usize, usize>,
    batches: BTreeMap<BatchId, State>,
    plans: BTreeMap<BatchId, Plan>,
}

impl Oracle {
    fn serving(&self, shop: usize) -> BTreeSet<usize> {
        let live = self.lives.iter().filter(|life| life.shop == shop && life.until.is_none());
        live.map(|life| life.rep).collect()
    }

    fn shops_of(&self, rep: usize) -> BTreeSet<usize> {
        let live = self.lives.iter().filter(|life| life.rep == rep && life.until.is_none());
        live.map(|life| life.shop).collect()
    }

    fn capacity(&self, rep: usize) -> usize {
        self.capacities.get(&rep).copied().unwrap_or(CAPACITY)
    }

    /// The wishes of a transfer: each shop in turn goes to whoever has the fewest, and those of one go together. Also
    /// how many found nobody with room.
    fn spread(&self, shops: &BTreeSet<usize>, to: &[usize], force: bool) -> (BTreeSet<Pair>, usize) {
        let mut loads: Vec<usize> = to.iter().map(|rep| self.shops_of(*rep).len()).collect();
        let mut given = vec![0; to.len()];
        let mut unplaced = 0;
        for _ in shops {
            let open = (0..to.len()).filter(|taker| force || loads[*taker] < self.capacity(to[*taker]));
            match open.min_by_key(|taker| (loads[*taker], *taker)) {
                Some(taker) => {
                    loads[taker] += 1;
                    given[taker] += 1;
                }
                None => unplaced += 1,
            }
        }
        let takers = to.iter().zip(given).flat_map(|(rep, count)| std::iter::repeat_n(*rep, count));
        (shops.iter().copied().zip(takers).collect(), unplaced)
    }

    fn assign(
        &self,
        wishes: &BTreeSet<Pair>,
        how: IfAssigned,
        from: Option<usize>,
        force: bool,
    ) -> (Steps, BTreeSet<usize>) {
        let mut refused = BTreeSet::new();
        loop {
            let steps = self.assign_but(wishes, how, from, &refused);
            let too_many: BTreeSet<usize> = (0..REPS)
                .filter(|rep| {
                    let count = |pairs: &BTreeSet<Pair>| pairs.iter().filter(|pair| pair.1 == *rep).count();
                    let starts = count(&steps.starts);
                    let after = self.shops_of(*rep).len() + starts - count(&steps.ends);
                    starts > 0 && after > self.capacity(*rep)
                })
                .collect();
            if force || too_many.is_empty() {
                return (steps, refused);
            }
            refused.extend(too_many);
        }
    }

    /// What is done where these representatives get nothing new.
    fn assign_but(
        &self,
        wishes: &BTreeSet<Pair>,
        how: IfAssigned,
        from: Option<usize>,
        refused: &BTreeSet<usize>,
    ) -> Steps {
        let mut steps = Steps::default();
        for &(shop, rep) in wishes.iter().filter(|pair| !self.deleted.contains(&pair.0)) {
            let serving = self.serving(shop);
            if serving.contains(&rep) {
                steps.keeps.insert((shop, rep));
            } else if how == IfAssigned::Skip && !serving.is_empty() {
                steps.skips.insert((shop, rep));
            } else if !refused.contains(&rep) {
                steps.starts.insert((shop, rep));
            }
        }
        if how == IfAssigned::Move {
            let taken: BTreeSet<usize> = steps.starts.iter().chain(&steps.keeps).map(|pair| pair.0).collect();
            for shop in taken {
                for other in self.serving(shop) {
                    if !wishes.contains(&(shop, other)) && from.is_none_or(|from| from == other) {
                        steps.ends.insert((shop, other));
                    }
                }
            }
        }
        steps
    }

    fn unassign(&self, wishes: &BTreeSet<Pair>) -> Steps {
        let served = |pair: &&Pair| self.serving(pair.0).contains(&pair.1);
        Steps { ends: wishes.iter().filter(served).copied().collect(), ..Steps::default() }
    }

    /// The reverse of a batch, and the shops that have been changed since.
    fn undo(&self, batch: BatchId) -> (Steps, BTreeSet<usize>) {
        let begun: Vec<&Life> = self.lives.iter().filter(|life| life.batch == batch).collect();
        let ended: Vec<&Life> =
            self.lives.iter().filter(|life| life.end.is_some_and(|end| end.0 == Some(batch))).collect();
        let (mut steps, mut changed) = (Steps::default(), BTreeSet::new());
        for shop in begun.iter().chain(&ended).map(|life| life.shop).collect::<BTreeSet<_>>() {
            let begun: Vec<_> = begun.iter().filter(|life| life.shop == shop).collect();
            let ended: Vec<_> = ended.iter().filter(|life| life.shop == shop).collect();
            let serving = self.serving(shop);
            let fits = !self.deleted.contains(&shop)
                && begun.iter().all(|life| life.until.is_none())
                && ended.iter().all(|life| {
                    let since = |other: &Life| {
                        (other.shop, other.rep) == (life.shop, life.rep) && Some(other.from) >= life.until
                    };
                    !serving.contains(&life.rep)
                        && !self.disabled.contains(&life.rep)
                        && !self.lives.iter().any(since)
                });
            if fits {
                steps.ends.extend(begun.iter().map(|life| (shop, life.rep)));
                steps.starts.extend(ended.iter().map(|life| (shop, life.rep)));
            } else {
                changed.insert(shop);
            }
        }
        (steps, changed)
    }

    /// Whatever a clock says, no time is empty and none begins before the pair's last one ended.
    fn end(life: &mut Life, now: DateTime<Utc>, batch: Option<BatchId>, reason: &'static str) {
        life.until = Some(now.max(life.from + TimeDelta::microseconds(1)));
        life.end = Some((batch, reason));
    }

    fn apply(&mut self, steps: &Steps, now: DateTime<Utc>, batch: BatchId, reason: &'static str) {
        for life in self.lives.iter_mut().filter(|life| life.until.is_none()) {
            if steps.ends.contains(&(life.shop, life.rep)) {
                Self::end(life, now, Some(batch), reason);
            }
        }
        for &(shop, rep) in &steps.starts {
            let pair = self.lives.iter().filter(|life| (life.shop, life.rep) == (shop, rep));
            let from = pair.filter_map(|life| life.until).fold(now, DateTime::max);
            self.lives.push(Life { rep, shop, from, until: None, batch, end: None });
        }
        self.batches.insert(batch, State::Applied);
    }

    fn plan(&mut self, batch: BatchId, wishes: &BTreeSet<Pair>, steps: Steps, reason: &'static str) {
        let shops = wishes.iter().map(|pair| pair.0).filter(|shop| !self.deleted.contains(shop));
        let served = shops.map(|shop| (shop, self.serving(shop))).collect();
        let reps: BTreeSet<usize> = steps.starts.iter().chain(&steps.ends).map(|pair| pair.1).collect();
        let load = |rep| (rep, (self.shops_of(rep).len(), self.capacity(rep)));
        let loads = reps.into_iter().map(load).collect();
        self.plans.insert(batch, Plan { steps, reason, served, loads });
        self.batches.insert(batch, State::Planned);
    }

    /// Whether the world is what the plan saw, and whoever would get shops may still have some.
    fn still(&self, plan: &Plan) -> bool {
        plan.served.iter().all(|(shop, reps)| !self.deleted.contains(shop) && self.serving(*shop) == *reps)
            && plan.loads.iter().all(|(rep, seen)| (self.shops_of(*rep).len(), self.capacity(*rep)) == *seen)
            && plan.steps.starts.iter().all(|pair| !self.disabled.contains(&pair.1))
    }

    /// Who served a shop, the latest first.
    fn spans(&self, shop: usize, when: impl Fn(&Life) -> bool) -> Vec<&Life> {
        let mut lives: Vec<&Life> =
            self.lives.iter().filter(|life| life.shop == shop && when(life)).collect();
        lives.sort_by_key(|life| (life.from, life.rep));
        lives.reverse();
        lives
    }
}

fn serves_at(life: &Life, at: DateTime<Utc>) -> bool {
    life.from <= at && life.until.is_none_or(|until| at < until)
}

fn serves_during(life: &Life, day: NaiveDate) -> bool {
    let (begins, ends) = (midnight(day), midnight(day + Days::new(1)));
    life.from < ends && life.until.is_none_or(|until| begins < until)
}

fn receipt(_: &Outcome) -> Receipt {
    Receipt { status: 200, location: None, etag: None, body: Vec::new() }
}

/// The application and the account of it, side by side.
struct World {
    dice: Dice,
    clock: Arc<HandClock>,
    oracle: Oracle,
    db: Arc<PgDatabase>,
    owner: Client,
    change: ChangeAssignments,
    apply: ApplyPlan,
    undo: UndoBatch,
    read: ReadAssignments,
    delete: DeleteRetailer,
    restore: RestoreRetailer,
    actor: Actor,
    reps: Vec<(UserId, String)>,
    shops: Vec<RetailerUid>,
    done: [usize; 6],
    _database: TestDatabase,
}

impl World {
    async fn new(seed: u64) -> Self {
        let database = TestDatabase::new().await;
        let Fixture { ours, .. } = Fixture::new(&database).await;
        let owner = database.owner().await;
        owner
            .batch_execute(
                "DELETE FROM sales_rep_retailers; \
                 INSERT INTO users (tenant_id, username, name, password_hash, role) \
                     SELECT tenant_id, 'sr0000' || n, name, password_hash, role \
                       FROM users, generate_series(3, 5) AS n WHERE username = 'sr00001' ORDER BY n; \
                 INSERT INTO sales_reps (tenant_id, id) \
                     SELECT tenant_id, id FROM users WHERE username IN ('sr00003', 'sr00004', 'sr00005'); \
                 INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
                     SELECT tenant_id, 'RTL-00' || n, name, region_id, area_id, territory_id, search_key \
                       FROM retailers, generate_series(10, 15) AS n WHERE uid = 'RTL-0001' ORDER BY n; \
                 UPDATE retailers SET name = 'Shop'",
            )
            .await
            .unwrap();
        let rows = "SELECT id, username FROM users WHERE tenant_id = $1 AND role = 'sales_rep' ORDER BY id";
        let reps = owner.query(rows, &[&ours.tenant]).await.unwrap();
        let reps: Vec<_> = reps.iter().map(|row| (UserId::new(row.get(0)), row.get(1))).collect();
        let rows = "SELECT uid FROM retailers WHERE tenant_id = $1 ORDER BY id";
        let shops = owner.query(rows, &[&ours.tenant]).await.unwrap();
        let shops: Vec<_> = shops.iter().map(|row| RetailerUid::parse(row.get(0)).unwrap()).collect();
        assert_eq!((reps.len(), shops.len()), (REPS, SHOPS));
        let db = Arc::new(database.adapter());
        let clock = Arc::new(HandClock::default());
        let begin: DateTime<Utc> = "2024-11-20T03:00:00Z".parse().unwrap();
        clock.0.store(begin.timestamp_micros(), Ordering::SeqCst);
        Self {
            dice: Dice(seed),
            oracle: Oracle::default(),
            owner,
            change: ChangeAssignments::new(db.clone(), clock.clone()),
            apply: ApplyPlan::new(db.clone(), clock.clone()),
            undo: UndoBatch::new(db.clone(), clock.clone()),
            read: ReadAssignments::new(db.clone()),
            delete: DeleteRetailer::new(db.clone(), db.clone(), clock.clone()),
            restore: RestoreRetailer::new(db.clone(), db.clone(), clock.clone()),
            actor: Actor {
                tenant: TenantId::new(ours.tenant),
                user: UserId::new(ours.admin.id),
                role: Role::Admin,
                token_version: 1,
                session: None,
                must_change_password: false,
                second_factor: haat_domain::identity::SecondFactor::Off,
            },
            db,
            clock,
            reps,
            shops,
            done: [0; 6],
            _database: database,
        }
    }

    /// Some hours or days on average; often to about midnight in Dhaka, at times not at all, and once in a while back, as
    /// the clocks of two machines differ.
    fn let_time_pass(&mut self) {
        let now = self.clock.now();
        let micros = [0, 0, 1, -1, 1_000_000, -1_000_000];
        let then = match self.dice.roll(12) {
            0 => now,
            1 => now - TimeDelta::microseconds(self.dice.between(1, 3_000_000)),
            2..=7 => {
                let day = day_in_dhaka(now) + Days::new(u64::try_from(self.dice.between(1, 6)).unwrap());
                let off = micros[self.dice.roll(micros.len())];
                midnight(day) + TimeDelta::microseconds(off)
            }
            8 => now + TimeDelta::microseconds(self.dice.between(1, 10)),
            _ => now + TimeDelta::seconds(self.dice.between(1, 10 * 86_400)),
        };
        self.clock.0.store(then.timestamp_micros(), Ordering::SeqCst);
    }

    fn name(&mut self, rep: usize) -> RepRef {
        let (id, name) = &self.reps[rep];
        if self.dice.one_in(2) { RepRef::Id(id.get()) } else { RepRef::parse(name).unwrap() }
    }

    fn uid(&self, shop: usize) -> String {
        self.shops[shop].as_str().to_owned()
    }

    fn groups(&mut self, wishes: &BTreeSet<Pair>) -> Vec<AssignmentGroup> {
        let reps: BTreeSet<usize> = wishes.iter().map(|pair| pair.1).collect();
        let group = |rep: usize| {
            let mine = wishes.iter().filter(|pair| pair.1 == rep);
            let retailers = mine.map(|pair| self.uid(pair.0)).collect();
            AssignmentGroup { rep: self.name(rep), retailers }
        };
        reps.into_iter().map(group).collect()
    }

    fn asked(&mut self) -> Change {
        Change { request_id: "r".into(), once: None, validate_only: self.dice.one_in(12) }
    }

    /// Does something and gives a word for it; panics where the application does not do what the account says.
    async fn act(&mut self) -> String {
        let kind = self.dice.roll(100);
        match kind {
            0..=39 => self.assign().await,
            40..=49 => self.unassign().await,
            50..=61 => self.transfer().await,
            62..=71 => self.apply_plan().await,
            72..=86 => self.undo_batch().await,
            87..=92 => self.delete_or_restore().await,
            93..=96 => {
                let rep = self.dice.roll(REPS);
                let capacity = self.dice.roll(SHOPS);
                let own = (capacity > 2).then(|| i32::try_from(capacity).unwrap());
                match own {
                    Some(_) => self.oracle.capacities.insert(rep, capacity),
                    None => self.oracle.capacities.remove(&rep),
                };
                let statement = "UPDATE sales_reps SET capacity = $2 WHERE id = $1";
                self.owner.execute(statement, &[&self.reps[rep].0.get(), &own]).await.unwrap();
                format!("capacity of {rep}: {own:?}")
            }
            _ => {
                let rep = self.dice.roll(REPS);
                let disabled = !self.oracle.disabled.remove(&rep) && self.oracle.disabled.insert(rep);
                let state = if disabled { "disabled" } else { "active" };
                let statement = "UPDATE users SET state = $2 WHERE id = $1";
                self.owner.execute(statement, &[&self.reps[rep].0.get(), &state]).await.unwrap();
                format!("{rep} is {state}")
            }
        }
    }

    async fn assign(&mut self) -> String {
        let if_assigned = [IfAssigned::Share, IfAssigned::Skip, IfAssigned::Move][self.dice.roll(3)];
        let force = self.dice.one_in(4);
        let mut wishes = BTreeSet::new();
        for rep in self.dice.some(REPS, 3) {
            for shop in self.dice.some(SHOPS, 6) {
                // Of several who would get a shop only one counts where it is judged who is full.
                let taken = wishes.iter().any(|pair: &Pair| pair.0 == shop);
                if force || if_assigned != IfAssigned::Move || !taken {
                    wishes.insert((shop, rep));
                }
            }
        }
        let order = Order::Assign { groups: self.groups(&wishes), if_assigned };
        let (steps, refused) = self.oracle.assign(&wishes, if_assigned, None, force);
        let disabled = wishes.iter().any(|pair| self.oracle.disabled.contains(&pair.1));
        let (plan, change) = (self.dice.one_in(3), self.asked());
        let input = ChangeAssignmentsInput { order, force, reason: None, plan, change };
        let word = format!("{input:?} at {}", self.clock.now());
        if let Some(outcome) = self.order(&word, &input, &wishes, steps, "moved", disabled).await {
            assert_eq!(
                outcome.over_capacity.iter().filter(|over| over.refused > 0).count(),
                refused.len(),
                "{word}"
            );
            let gone = wishes.iter().map(|pair| pair.0).filter(|shop| self.oracle.deleted.contains(shop));
            let mut gone: Vec<String> =
                gone.collect::<BTreeSet<_>>().into_iter().map(|shop| self.uid(shop)).collect();
            gone.sort();
            assert_eq!(outcome.not_found, gone, "{word}");
            self.done[0] += 1;
        }
        word
    }

    async fn unassign(&mut self) -> String {
        let mut wishes = BTreeSet::new();
        for rep in self.dice.some(REPS, 3) {
            wishes.extend(self.dice.some(SHOPS, 6).into_iter().map(|shop| (shop, rep)));
        }
        let order = Order::Unassign { groups: self.groups(&wishes) };
        let steps = self.oracle.unassign(&wishes);
        let (plan, change) = (self.dice.one_in(4), self.asked());
        let input = ChangeAssignmentsInput { order, force: false, reason: None, plan, change };
        let word = format!("{input:?} at {}", self.clock.now());
        self.order(&word, &input, &wishes, steps, "unassigned", false).await.unwrap();
        self.done[1] += 1;
        word
    }

    async fn transfer(&mut self) -> String {
        let from = self.dice.roll(REPS);
        let to: Vec<usize> = self.dice.some(REPS, 3).into_iter().filter(|rep| *rep != from).collect();
        let to = if to.is_empty() { vec![(from + 1) % REPS] } else { to };
        let only = self.dice.one_in(3).then(|| self.dice.some(SHOPS, 6));
        let force = self.dice.one_in(4);
        let mut shops = self.oracle.shops_of(from);
        let asked_for = only.clone();
        if let Some(only) = &only {
            shops.retain(|shop| only.contains(shop));
        }
        let disabled = to.iter().any(|rep| self.oracle.disabled.contains(rep));
        let (wishes, unplaced) = self.oracle.spread(&shops, &to, force);
        let (steps, _) = self.oracle.assign(&wishes, IfAssigned::Move, Some(from), force);
        let order = Order::Transfer {
            from: self.name(from),
            to: to.iter().map(|rep| self.name(*rep)).collect(),
            retailers: only.map(|only| only.into_iter().map(|shop| self.uid(shop)).collect()),
        };
        let (plan, change) = (self.dice.one_in(4), self.asked());
        let input = ChangeAssignmentsInput { order, force, reason: None, plan, change };
        let word = format!("{input:?} at {}", self.clock.now());
        if let Some(outcome) = self.order(&word, &input, &wishes, steps, "transferred", disabled).await {
            assert_eq!(outcome.unplaced, i64::try_from(unplaced).unwrap(), "{word}");
            let others = asked_for.map_or(0, |only| only.len() - shops.len());
            assert_eq!(outcome.totals.not_assigned.count, i64::try_from(others).unwrap(), "{word}");
            self.done[2] += 1;
        }
        word
    }

    /// Gives an order, of which these steps are expected.
    async fn order(
        &mut self,
        word: &str,
        input: &ChangeAssignmentsInput,
        wishes: &BTreeSet<Pair>,
        steps: Steps,
        reason: &'static str,
        disabled: bool,
    ) -> Option<Outcome> {
        let result = self.change.execute(&self.actor, input, &receipt).await;
        if disabled {
            assert!(matches!(result, Err(AssignmentError::Reps(_))), "{word}: {result:?}");
            return None;
        }
        let outcome = now(result.unwrap_or_else(|error| panic!("{word}: {error}")));
        assert_eq!(counts(&outcome), steps.counts(), "{word}");
        match outcome.batch {
            None => assert!(input.change.validate_only || (!input.plan && steps.is_nothing()), "{word}"),
            Some(batch) => {
                assert!(!input.change.validate_only, "{word}");
                if input.plan {
                    self.oracle.plan(batch, wishes, steps, reason);
                } else {
                    self.oracle.apply(&steps, self.clock.now(), batch, reason);
                }
            }
        }
        Some(outcome)
    }

    async fn apply_plan(&mut self) -> String {
        let plans: Vec<BatchId> = self.oracle.plans.keys().copied().collect();
        if plans.is_empty() {
            return "there is no plan".into();
        }
        // One of the last, as the world moves on.
        let plan = plans[plans.len() - 1 - self.dice.roll(plans.len().min(4))];
        let change = self.asked();
        let word = format!("apply {plan}, {change:?} at {}", self.clock.now());
        let result = self.apply.execute(&self.actor, plan, &change, &receipt).await;
        let seen = self.oracle.plans[&plan].clone();
        let planned = self.oracle.batches[&plan] == State::Planned;
        if planned && !self.oracle.still(&seen) {
            assert!(matches!(result, Err(ApplyPlanError::Outdated(1.., _))), "{word}: {result:?}");
            return word;
        }
        let outcome = now(result.unwrap_or_else(|error| panic!("{word}: {error:?}")));
        assert_eq!(counts(&outcome), seen.steps.counts(), "{word}");
        if planned && !change.validate_only {
            self.oracle.apply(&seen.steps, self.clock.now(), plan, seen.reason);
            self.done[3] += 1;
        }
        word
    }

    async fn undo_batch(&mut self) -> String {
        let batches: Vec<BatchId> = self.oracle.batches.keys().copied().collect();
        if batches.is_empty() {
            return "there is no batch".into();
        }
        let latest = if self.dice.one_in(3) { batches.len() } else { batches.len().min(4) };
        let batch = batches[batches.len() - 1 - self.dice.roll(latest)];
        let change = self.asked();
        let word = format!("undo {batch}, {change:?} at {}", self.clock.now());
        let result = self.undo.execute(&self.actor, batch, &change, &receipt).await;
        match self.oracle.batches[&batch] {
            State::Planned => assert_eq!(result, Err(UndoBatchError::NotApplied), "{word}"),
            State::Undone => assert_eq!(result, Ok(Done::Now(Outcome::default())), "{word}"),
            State::Applied => {
                let outcome = now(result.unwrap_or_else(|error| panic!("{word}: {error:?}")));
                let (steps, changed) = self.oracle.undo(batch);
                assert_eq!(counts(&outcome), steps.counts(), "{word}");
                let changed: BTreeSet<String> = changed.into_iter().map(|shop| self.uid(shop)).collect();
                assert_eq!(
                    outcome.totals.changed.uids.into_iter().collect::<BTreeSet<_>>(),
                    changed,
                    "{word}"
                );
                if let Some(undo) = outcome.batch {
                    assert!(!change.validate_only, "{word}");
                    self.oracle.apply(&steps, self.clock.now(), undo, "undone");
                    self.oracle.batches.insert(batch, State::Undone);
                    self.done[4] += 1;
                } else {
                    assert!(change.validate_only || steps.is_nothing(), "{word}");
                }
            }
        }
        word
    }

    async fn delete_or_restore(&mut self) -> String {
        let shop = self.dice.roll(SHOPS);
        let change = Change { request_id: "r".into(), ..Change::default() };
        let input = DeletionInput { uid: self.shops[shop].clone(), expected: None, change };
        let receipt = |_: &_| Receipt { status: 200, location: None, etag: None, body: Vec::new() };
        if self.oracle.deleted.remove(&shop) {
            self.restore.execute(&self.actor, &input, &receipt).await.unwrap();
            return format!("{shop} is restored");
        }
        self.delete.execute(&self.actor, &input, &receipt).await.unwrap();
        self.oracle.deleted.insert(shop);
        let now = self.clock.now();
        let live = |life: &&mut Life| life.shop == shop && life.until.is_none();
        self.oracle.lives.iter_mut().filter(live).for_each(|life| Oracle::end(life, now, None, "deleted"));
        self.done[5] += 1;
        format!("{shop} is deleted at {now}")
    }

    /// Every span of a shop at that time, page by page, must be the account's.
    async fn check_spans(&self, shop: usize, when: When, expected: Vec<&Life>) {
        let mut page = PageRequest::first(Limit::parse(if when == When::Ever { 7 } else { 3 }).unwrap());
        let mut actual = Vec::new();
        loop {
            let part = self.read.spans(&self.actor, &self.shops[shop], when, &page).await.unwrap();
            actual.extend(part.rows);
            match part.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        let actual: Vec<_> = actual
            .into_iter()
            .map(|span| {
                let by = (span.assigned_by, span.ended_by);
                (span.rep.0, span.from, span.until, span.batch, span.end_batch, span.end_reason, by)
            })
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|life| {
                let by = (Some(self.actor.user), life.end.map(|_| self.actor.user));
                let reason = life.end.map(|end| end.1.to_owned());
                let end_batch = life.end.and_then(|end| end.0);
                (self.reps[life.rep].0, life.from, life.until, Some(life.batch), end_batch, reason, by)
            })
            .collect();
        assert_eq!(actual, expected, "shop {shop}, {when:?}");
    }

    async fn check_shops(&mut self, moments: usize) {
        for shop in 0..SHOPS {
            self.check_spans(shop, When::Ever, self.oracle.spans(shop, |_| true)).await;
            for _ in 0..moments {
                let at = self.moment();
                self.check_spans(shop, When::At(at), self.oracle.spans(shop, |life| serves_at(life, at)))
                    .await;
                let day = day_in_dhaka(at);
                let lives = self.oracle.spans(shop, |life| serves_at(life, midnight(day)));
                self.check_spans(shop, When::StartOf(day), lives).await;
                let lives = self.oracle.spans(shop, |life| serves_during(life, day));
                self.check_spans(shop, When::During(day), lives).await;
            }
        }
    }

    /// Any time of these years, most often about when something began or ended.
    fn moment(&mut self) -> DateTime<Utc> {
        let begin: DateTime<Utc> = "2024-11-19T00:00:00Z".parse().unwrap();
        if self.oracle.lives.is_empty() || self.dice.one_in(4) {
            return begin + TimeDelta::seconds(self.dice.between(0, 3 * 366 * 86_400));
        }
        let number = self.dice.roll(self.oracle.lives.len());
        let life = &self.oracle.lives[number];
        let at = if number.is_multiple_of(2) { life.from } else { life.until.unwrap_or(life.from) };
        at + TimeDelta::microseconds(self.dice.between(-1, 1))
    }

    async fn check_lists(&self) {
        for (rep, (id, _)) in self.reps.iter().enumerate() {
            let page = PageRequest::first(Limit::parse(100).unwrap());
            let tenant = self.actor.tenant;
            let list = self.db.list(tenant, Scope::Rep(*id), &RetailerQuery::default(), &page).await.unwrap();
            let actual: Vec<RetailerUid> = list.rows.into_iter().map(|shop| shop.uid).collect();
            let expected: Vec<_> =
                self.oracle.shops_of(rep).into_iter().map(|shop| self.shops[shop].clone()).collect();
            assert_eq!(actual, expected, "shops of {rep}");
        }
    }

    async fn check_batches(&self) {
        for (batch, state) in &self.oracle.batches {
            let (found, _) = self.read.batch(&self.actor, *batch).await.unwrap();
            assert_eq!(found.state.as_str(), format!("{state:?}").to_lowercase(), "batch {batch}");
            let mut page = PageRequest::first(Limit::parse(5).unwrap());
            let mut actual = Vec::new();
            loop {
                let part = self.read.changes(&self.actor, *batch, &page).await.unwrap();
                actual.extend(part.rows);
                match part.next {
                    Some(next) => page.after = Some(next),
                    None => break,
                }
            }
            let actual: Vec<_> = actual
                .into_iter()
                .filter(|change| *state != State::Planned || ["start", "end"].contains(&&*change.step))
                .map(|change| (change.uid, change.rep.0, change.step, change.at))
                .collect();
            let mut expected = Vec::new();
            if let (State::Planned, Some(plan)) = (state, self.oracle.plans.get(batch)) {
                expected.extend(plan.steps.starts.iter().map(|pair| (*pair, "start", None)));
                expected.extend(plan.steps.ends.iter().map(|pair| (*pair, "end", None)));
            }
            for life in &self.oracle.lives {
                let pair = (life.shop, life.rep);
                if life.batch == *batch {
                    expected.push((pair, "start", Some(life.from)));
                }
                if life.end.is_some_and(|end| end.0 == Some(*batch)) {
                    expected.push((pair, "end", life.until));
                }
            }
            expected.sort();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|((shop, rep), step, at)| (self.uid(shop), self.reps[rep].0, step.to_owned(), at))
                .collect();
            assert_eq!(actual, expected, "batch {batch}");
        }
    }
}

fn now(done: Done<Outcome>) -> Outcome {
    match done {
        Done::Now(outcome) => outcome,
        Done::Before(_) => panic!("done before"),
    }
}

fn counts(outcome: &Outcome) -> [i64; 5] {
    let totals = &outcome.totals;
    [totals.assigned, totals.already_assigned, totals.moved, totals.unassigned, totals.skipped]
}

/// Says what led there when a test fails.
struct Log {
    seed: u64,
    lines: Vec<String>,
}

impl Drop for Log {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut text =
                format!("seed {}, after {} operations, the last of them:", self.seed, self.lines.len());
            for line in self.lines.iter().rev().take(3).rev() {
                let _ = write!(text, "\n  {line}");
            }
            eprintln!("{text}");
        }
    }
}

async fn two_years(seed: u64) {
    let mut world = World::new(seed).await;
    let mut log = Log { seed, lines: Vec::new() };
    for number in 1..=OPERATIONS {
        world.let_time_pass();
        log.lines.push(world.act().await);
        if number % 10 == 0 {
            world.check_lists().await;
        }
        if number % 100 == 0 {
            world.check_shops(1).await;
        }
    }
    world.check_lists().await;
    world.check_shops(6).await;
    world.check_batches().await;
    println!(
        "seed {seed}: {:?}, {} times, until {}",
        world.done,
        world.oracle.lives.len(),
        world.clock.now()
    );
    assert!(world.done.iter().all(|count| *count > 3), "too little to mean anything: {:?}", world.done);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_are_what_a_list_of_them_says() {
    two_years(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_other_years_are_what_a_list_of_them_says() {
    two_years(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_more_years_are_what_a_list_of_them_says() {
    two_years(3).await;
}
