//! Two years of random assignment changes, compared with a simple model: a list of assignment periods that follows the rules
//! alone and never reads the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Utc};
use haat_application::assignment::{
    ApplyPlan, ApplyPlanError, AssignmentError, AssignmentGroup, ExecuteOrder, Order, OrderInput, Outcome,
    ReadAssignments, UndoBatch, UndoBatchError,
};
use haat_application::retailer::pool::PoolRetailers;
use haat_application::shared::{Actor, Allowed, ChangeAssignments, Changes, Scopes, WriteOptions};
use haat_domain::assignment::{IfAssigned, RepSelector, When};
use haat_domain::change::StoredResponse;
use haat_domain::retailer::{RetailerQuery, RetailerReader, RetailerUid};
use haat_domain::shared::{
    BatchId, Clock, Limit, PageRequest, Role, Scope, StorageFailure, TeamId, TenantId, UserId,
};
use haat_domain::team::RosterReader;
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Client, Dice, Fixture, TestDatabase};

use crate::assignment_statements::executed;

mod files;

use files::Files;

const REPS: usize = 5;
const RETAILERS: usize = 12;
const OPERATIONS: usize = 400;
/// The capacity of a sales rep without a capacity of their own.
const CAPACITY: usize = 120;

/// Returns at least one number below `of`, at most `most + 1` different ones.
fn some(dice: &mut Dice, of: usize, most: usize) -> BTreeSet<usize> {
    (0..=dice.roll(most)).map(|_| dice.roll(of)).collect()
}

/// The roster of a tenant without teams.
struct NoTeams;

#[async_trait::async_trait]
impl RosterReader for NoTeams {
    async fn members_of(&self, _: TenantId, _: &[TeamId]) -> Result<Vec<UserId>, StorageFailure> {
        Ok(Vec::new())
    }
}

/// A clock that the test sets.
#[derive(Default)]
struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Returns the midnight in Dhaka at the start of this day.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let dhaka = FixedOffset::east_opt(6 * 3600).unwrap();
    day.and_time(chrono::NaiveTime::MIN).and_local_timezone(dhaka).unwrap().to_utc()
}

fn day_in_dhaka(at: DateTime<Utc>) -> NaiveDate {
    (at + TimeDelta::hours(6)).date_naive()
}

/// A retailer and a sales rep, as indexes from 0.
type Pair = (usize, usize);

/// An assignment period of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    rep: usize,
    retailer: usize,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    batch: BatchId,
    end: Option<(Option<BatchId>, &'static str)>,
}

/// The steps of a batch: pairs of retailer and sales rep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Steps {
    starts: BTreeSet<Pair>,
    ends: BTreeSet<Pair>,
    keeps: BTreeSet<Pair>,
    skips: BTreeSet<Pair>,
}

impl Steps {
    /// Returns the counts `assigned`, `alreadyAssigned`, `moved`, `unassigned` and `skipped`.
    fn counts(&self) -> [i64; 5] {
        let loses = |retailer: usize| self.ends.iter().any(|pair| pair.0 == retailer);
        let gets = |retailer: usize| self.starts.iter().chain(&self.keeps).any(|pair| pair.0 == retailer);
        let count = |pairs: &BTreeSet<Pair>, counts: &dyn Fn(usize) -> bool| {
            i64::try_from(pairs.iter().filter(|pair| counts(pair.0)).count()).unwrap()
        };
        [
            count(&self.starts, &|retailer| !loses(retailer)),
            count(&self.keeps, &|retailer| !loses(retailer)),
            count(&self.starts, &loses) + count(&self.keeps, &loses),
            count(&self.ends, &|retailer| !gets(retailer)),
            count(&self.skips, &|_| true),
        ]
    }

    fn changes_nothing(&self) -> bool {
        self.starts.is_empty() && self.ends.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Planned,
    Applied,
    Undone,
}

/// The state that a plan was computed from.
#[derive(Debug, Clone)]
struct Plan {
    steps: Steps,
    reason: &'static str,
    served: BTreeMap<usize, BTreeSet<usize>>,
    assigned_counts: BTreeMap<usize, (usize, usize)>,
}

/// The model: the expected state of all assignments.
#[derive(Default)]
struct Model {
    periods: Vec<Period>,
    deleted: BTreeSet<usize>,
    disabled: BTreeSet<usize>,
    capacities: BTreeMap<usize, usize>,
    batches: BTreeMap<BatchId, State>,
    plans: BTreeMap<BatchId, Plan>,
}

impl Model {
    fn serving(&self, retailer: usize) -> BTreeSet<usize> {
        let live = self.periods.iter().filter(|period| period.retailer == retailer && period.until.is_none());
        live.map(|period| period.rep).collect()
    }

    fn retailers_of(&self, rep: usize) -> BTreeSet<usize> {
        let live = self.periods.iter().filter(|period| period.rep == rep && period.until.is_none());
        live.map(|period| period.retailer).collect()
    }

    fn capacity(&self, rep: usize) -> usize {
        self.capacities.get(&rep).copied().unwrap_or(CAPACITY)
    }

    /// Returns the requested assignments of a transfer and the number of retailers without a recipient. Each retailer in
    /// turn counts for the recipient with the fewest, and the retailers of one recipient are consecutive.
    fn spread(&self, retailers: &BTreeSet<usize>, to: &[usize], force: bool) -> (BTreeSet<Pair>, usize) {
        let mut assigned_counts: Vec<usize> = to.iter().map(|rep| self.retailers_of(*rep).len()).collect();
        let mut received = vec![0; to.len()];
        let mut unplaced = 0;
        for _ in retailers {
            let open =
                (0..to.len()).filter(|index| force || assigned_counts[*index] < self.capacity(to[*index]));
            match open.min_by_key(|index| (assigned_counts[*index], *index)) {
                Some(index) => {
                    assigned_counts[index] += 1;
                    received[index] += 1;
                }
                None => unplaced += 1,
            }
        }
        let recipients = to.iter().zip(received).flat_map(|(rep, count)| std::iter::repeat_n(*rep, count));
        (retailers.iter().copied().zip(recipients).collect(), unplaced)
    }

    fn assign(
        &self,
        requested: &BTreeSet<Pair>,
        if_assigned: IfAssigned,
        from: Option<usize>,
        force: bool,
    ) -> (Steps, BTreeSet<usize>) {
        let mut refused = BTreeSet::new();
        loop {
            let steps = self.assign_without(requested, if_assigned, from, &refused);
            let over_capacity = self.over_capacity(&steps);
            if force || over_capacity.is_empty() {
                return (steps, refused);
            }
            refused.extend(over_capacity);
        }
    }

    /// Returns the sales reps who would exceed their capacity.
    fn over_capacity(&self, steps: &Steps) -> BTreeSet<usize> {
        let exceeds = |rep: &usize| {
            let count = |pairs: &BTreeSet<Pair>| pairs.iter().filter(|pair| pair.1 == *rep).count();
            let starts = count(&steps.starts);
            let after = self.retailers_of(*rep).len() + starts - count(&steps.ends);
            starts > 0 && after > self.capacity(*rep)
        };
        (0..REPS).filter(exceeds).collect()
    }

    /// Returns the steps if the refused sales reps get no new retailers.
    fn assign_without(
        &self,
        requested: &BTreeSet<Pair>,
        if_assigned: IfAssigned,
        from: Option<usize>,
        refused: &BTreeSet<usize>,
    ) -> Steps {
        let mut steps = Steps::default();
        for &(retailer, rep) in requested.iter().filter(|pair| !self.deleted.contains(&pair.0)) {
            let serving = self.serving(retailer);
            if serving.contains(&rep) {
                steps.keeps.insert((retailer, rep));
            } else if if_assigned == IfAssigned::Skip && !serving.is_empty() {
                steps.skips.insert((retailer, rep));
            } else if !refused.contains(&rep) {
                steps.starts.insert((retailer, rep));
            }
        }
        if if_assigned == IfAssigned::Move {
            let assigned: BTreeSet<usize> =
                steps.starts.iter().chain(&steps.keeps).map(|pair| pair.0).collect();
            for retailer in assigned {
                for other in self.serving(retailer) {
                    if !requested.contains(&(retailer, other)) && from.is_none_or(|from| from == other) {
                        steps.ends.insert((retailer, other));
                    }
                }
            }
        }
        steps
    }

    fn unassign(&self, requested: &BTreeSet<Pair>) -> Steps {
        let served = |pair: &&Pair| self.serving(pair.0).contains(&pair.1);
        Steps { ends: requested.iter().filter(served).copied().collect(), ..Steps::default() }
    }

    /// Returns the steps that undo a batch, and the retailers changed since.
    fn undo(&self, batch: BatchId) -> (Steps, BTreeSet<usize>) {
        let started: Vec<&Period> = self.periods.iter().filter(|period| period.batch == batch).collect();
        let ended: Vec<&Period> =
            self.periods.iter().filter(|period| period.end.is_some_and(|end| end.0 == Some(batch))).collect();
        let (mut steps, mut changed) = (Steps::default(), BTreeSet::new());
        for retailer in started.iter().chain(&ended).map(|period| period.retailer).collect::<BTreeSet<_>>() {
            let started: Vec<_> = started.iter().filter(|period| period.retailer == retailer).collect();
            let ended: Vec<_> = ended.iter().filter(|period| period.retailer == retailer).collect();
            let serving = self.serving(retailer);
            let unchanged = !self.deleted.contains(&retailer)
                && started.iter().all(|period| period.until.is_none())
                && ended.iter().all(|period| {
                    let since = |other: &Period| {
                        (other.retailer, other.rep) == (period.retailer, period.rep)
                            && Some(other.from) >= period.until
                    };
                    !serving.contains(&period.rep)
                        && !self.disabled.contains(&period.rep)
                        && !self.periods.iter().any(since)
                });
            if unchanged {
                steps.ends.extend(started.iter().map(|period| (retailer, period.rep)));
                steps.starts.extend(ended.iter().map(|period| (retailer, period.rep)));
            } else {
                changed.insert(retailer);
            }
        }
        (steps, changed)
    }

    /// Ends a period. Whatever the clock says, no period is empty and none starts before the pair's previous one has ended.
    fn end(period: &mut Period, now: DateTime<Utc>, batch: Option<BatchId>, reason: &'static str) {
        period.until = Some(now.max(period.from + TimeDelta::microseconds(1)));
        period.end = Some((batch, reason));
    }

    fn apply(&mut self, steps: &Steps, now: DateTime<Utc>, batch: BatchId, reason: &'static str) {
        let gains = |retailer| steps.starts.iter().chain(&steps.keeps).any(|pair| pair.0 == retailer);
        for period in self.periods.iter_mut().filter(|period| period.until.is_none()) {
            if steps.ends.contains(&(period.retailer, period.rep)) {
                let moves = reason != "moved" || gains(period.retailer);
                Self::end(period, now, Some(batch), if moves { reason } else { "unassigned" });
            }
        }
        for &(retailer, rep) in &steps.starts {
            let pair = self.periods.iter().filter(|period| (period.retailer, period.rep) == (retailer, rep));
            let from = pair.filter_map(|period| period.until).fold(now, DateTime::max);
            self.periods.push(Period { rep, retailer, from, until: None, batch, end: None });
        }
        self.batches.insert(batch, State::Applied);
    }

    fn plan(&mut self, batch: BatchId, requested: &BTreeSet<Pair>, steps: Steps, reason: &'static str) {
        let retailers =
            requested.iter().map(|pair| pair.0).filter(|retailer| !self.deleted.contains(retailer));
        let served = retailers.map(|retailer| (retailer, self.serving(retailer))).collect();
        let reps: BTreeSet<usize> = steps.starts.iter().chain(&steps.ends).map(|pair| pair.1).collect();
        let assigned_count = |rep| (rep, (self.retailers_of(rep).len(), self.capacity(rep)));
        let assigned_counts = reps.into_iter().map(assigned_count).collect();
        self.plans.insert(batch, Plan { steps, reason, served, assigned_counts });
        self.batches.insert(batch, State::Planned);
    }

    /// Returns true if the data is as the plan saw it and all recipients are active.
    fn is_current(&self, plan: &Plan) -> bool {
        plan.served
            .iter()
            .all(|(retailer, reps)| !self.deleted.contains(retailer) && self.serving(*retailer) == *reps)
            && plan
                .assigned_counts
                .iter()
                .all(|(rep, seen)| (self.retailers_of(*rep).len(), self.capacity(*rep)) == *seen)
            && plan.steps.starts.iter().all(|pair| !self.disabled.contains(&pair.1))
    }

    /// Returns the matching periods of a retailer, the latest first.
    fn spans(&self, retailer: usize, when: impl Fn(&Period) -> bool) -> Vec<&Period> {
        let mut periods: Vec<&Period> =
            self.periods.iter().filter(|period| period.retailer == retailer && when(period)).collect();
        periods.sort_by_key(|period| (period.from, period.rep));
        periods.reverse();
        periods
    }
}

fn serves_at(period: &Period, at: DateTime<Utc>) -> bool {
    period.from <= at && period.until.is_none_or(|until| at < until)
}

fn serves_during(period: &Period, day: NaiveDate) -> bool {
    let (begins, ends) = (midnight(day), midnight(day + Days::new(1)));
    period.from < ends && period.until.is_none_or(|until| begins < until)
}

/// The application and the model, side by side.
struct World {
    dice: Dice,
    clock: Arc<ManualClock>,
    model: Model,
    db: Arc<PgDatabase>,
    owner: Client,
    orders: ExecuteOrder,
    apply: ApplyPlan,
    undo: UndoBatch,
    read: ReadAssignments,
    pool: PoolRetailers,
    actor: Actor,
    allowed: Allowed<ChangeAssignments>,
    reps: Vec<(UserId, String)>,
    retailers: Vec<RetailerUid>,
    files: Files,
    done: [usize; 7],
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
                 UPDATE retailers SET name = 'Store'",
            )
            .await
            .unwrap();
        let rows = "SELECT id, username FROM users WHERE tenant_id = $1 AND role = 'sales_rep' ORDER BY id";
        let reps = owner.query(rows, &[&ours.tenant]).await.unwrap();
        let reps: Vec<_> = reps.iter().map(|row| (UserId::new(row.get(0)), row.get(1))).collect();
        let rows = "SELECT uid FROM retailers WHERE tenant_id = $1 ORDER BY id";
        let retailers = owner.query(rows, &[&ours.tenant]).await.unwrap();
        let retailers: Vec<_> = retailers.iter().map(|row| RetailerUid::parse(row.get(0)).unwrap()).collect();
        assert_eq!((reps.len(), retailers.len()), (REPS, RETAILERS));
        let db = Arc::new(database.adapter());
        let clock = Arc::new(ManualClock::default());
        let begin: DateTime<Utc> = "2024-11-20T03:00:00Z".parse().unwrap();
        clock.0.store(begin.timestamp_micros(), Ordering::SeqCst);
        let changes = Changes::new(db.clone(), clock.clone());
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
        Self {
            dice: Dice::new(seed),
            model: Model::default(),
            owner,
            orders: ExecuteOrder::new(changes.clone()),
            apply: ApplyPlan::new(changes.clone()),
            undo: UndoBatch::new(changes),
            read: ReadAssignments::new(db.clone()),
            pool: PoolRetailers::new(
                db.clone(),
                db.clone(),
                Scopes::new(db.clone(), Arc::new(NoTeams)),
                Changes::new(db.clone(), clock.clone()),
            ),
            allowed: Allowed::check(actor.clone()).unwrap(),
            actor,
            files: Files::new(&database, &db, &clock),
            db,
            clock,
            reps,
            retailers,
            done: [0; 7],
            _database: database,
        }
    }

    /// Moves the clock by hours or days on average: often to about midnight in Dhaka, sometimes not at all, and rarely back,
    /// because the clocks of two machines differ.
    fn advance_clock(&mut self) {
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

    /// Selects a sales rep by id or by username.
    fn selector(&mut self, rep: usize) -> RepSelector {
        let (id, name) = &self.reps[rep];
        if self.dice.one_in(2) { RepSelector::Id(id.get()) } else { RepSelector::parse(name).unwrap() }
    }

    fn uid(&self, retailer: usize) -> String {
        self.retailers[retailer].as_str().to_owned()
    }

    fn groups(&mut self, requested: &BTreeSet<Pair>) -> Vec<AssignmentGroup> {
        let reps: BTreeSet<usize> = requested.iter().map(|pair| pair.1).collect();
        let group = |rep: usize| {
            let mine = requested.iter().filter(|pair| pair.1 == rep);
            let retailers = mine.map(|pair| self.uid(pair.0)).collect();
            AssignmentGroup { rep: self.selector(rep), retailers }
        };
        reps.into_iter().map(group).collect()
    }

    fn write_options(&mut self) -> WriteOptions {
        WriteOptions {
            request_id: "r".into(),
            validate_only: self.dice.one_in(12),
            ..WriteOptions::default()
        }
    }

    /// Executes a random operation and describes it; panics if the application and the model differ.
    async fn act(&mut self) -> String {
        let kind = self.dice.roll(100);
        match kind {
            0..=27 => self.assign().await,
            28..=39 => self.send_file().await,
            40..=49 => self.unassign().await,
            50..=61 => self.transfer().await,
            62..=71 => self.apply_plan().await,
            72..=86 => self.undo_batch().await,
            87..=92 => self.delete_or_restore().await,
            93..=96 => {
                let rep = self.dice.roll(REPS);
                let capacity = self.dice.roll(RETAILERS);
                let own = (capacity > 2).then(|| i32::try_from(capacity).unwrap());
                match own {
                    Some(_) => self.model.capacities.insert(rep, capacity),
                    None => self.model.capacities.remove(&rep),
                };
                let statement = "UPDATE sales_reps SET capacity = $2 WHERE id = $1";
                self.owner.execute(statement, &[&self.reps[rep].0.get(), &own]).await.unwrap();
                format!("capacity of {rep}: {own:?}")
            }
            _ => {
                let rep = self.dice.roll(REPS);
                let disabled = !self.model.disabled.remove(&rep) && self.model.disabled.insert(rep);
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
        let mut requested = BTreeSet::new();
        for rep in some(&mut self.dice, REPS, 3) {
            for retailer in some(&mut self.dice, RETAILERS, 6) {
                // If several sales reps would get a retailer, the capacity check counts it for only one of them.
                let is_requested = requested.iter().any(|pair: &Pair| pair.0 == retailer);
                if force || if_assigned != IfAssigned::Move || !is_requested {
                    requested.insert((retailer, rep));
                }
            }
        }
        let order = Order::Assign { groups: self.groups(&requested), if_assigned };
        let (steps, refused) = self.model.assign(&requested, if_assigned, None, force);
        let disabled = requested.iter().any(|pair| self.model.disabled.contains(&pair.1));
        let (plan, write_options) = (self.dice.one_in(3), self.write_options());
        let input = OrderInput { order, force, reason: None, plan };
        let description = format!("{input:?}, {write_options:?} at {}", self.clock.now());
        if let Some(outcome) =
            self.order(&description, (&input, &write_options), &requested, steps, "moved", disabled).await
        {
            assert_eq!(
                outcome.result.over_capacity.iter().filter(|over| over.refused > 0).count(),
                refused.len(),
                "{description}"
            );
            let deleted =
                requested.iter().map(|pair| pair.0).filter(|retailer| self.model.deleted.contains(retailer));
            let mut deleted: Vec<String> =
                deleted.collect::<BTreeSet<_>>().into_iter().map(|retailer| self.uid(retailer)).collect();
            deleted.sort();
            assert_eq!(outcome.result.not_found.uids, deleted, "{description}");
            self.done[0] += 1;
        }
        description
    }

    async fn unassign(&mut self) -> String {
        let mut requested = BTreeSet::new();
        for rep in some(&mut self.dice, REPS, 3) {
            requested.extend(some(&mut self.dice, RETAILERS, 6).into_iter().map(|retailer| (retailer, rep)));
        }
        let order = Order::Unassign { groups: self.groups(&requested) };
        let steps = self.model.unassign(&requested);
        let (plan, write_options) = (self.dice.one_in(4), self.write_options());
        let input = OrderInput { order, force: false, reason: None, plan };
        let description = format!("{input:?}, {write_options:?} at {}", self.clock.now());
        self.order(&description, (&input, &write_options), &requested, steps, "unassigned", false)
            .await
            .unwrap();
        self.done[1] += 1;
        description
    }

    async fn transfer(&mut self) -> String {
        let from = self.dice.roll(REPS);
        let to: Vec<usize> = some(&mut self.dice, REPS, 3).into_iter().filter(|rep| *rep != from).collect();
        let to = if to.is_empty() { vec![(from + 1) % REPS] } else { to };
        let only = self.dice.one_in(3).then(|| some(&mut self.dice, RETAILERS, 6));
        let force = self.dice.one_in(4);
        let mut retailers = self.model.retailers_of(from);
        let selected = only.clone();
        if let Some(only) = &only {
            retailers.retain(|retailer| only.contains(retailer));
        }
        let disabled = to.iter().any(|rep| self.model.disabled.contains(rep));
        let (requested, unplaced) = self.model.spread(&retailers, &to, force);
        let (steps, _) = self.model.assign(&requested, IfAssigned::Move, Some(from), force);
        let order = Order::Transfer {
            from: self.selector(from),
            to: to.iter().map(|rep| self.selector(*rep)).collect(),
            retailers: only.map(|only| only.into_iter().map(|retailer| self.uid(retailer)).collect()),
        };
        let (plan, write_options) = (self.dice.one_in(4), self.write_options());
        let input = OrderInput { order, force, reason: None, plan };
        let description = format!("{input:?}, {write_options:?} at {}", self.clock.now());
        if let Some(outcome) = self
            .order(&description, (&input, &write_options), &requested, steps, "transferred", disabled)
            .await
        {
            assert_eq!(outcome.result.unplaced, i64::try_from(unplaced).unwrap(), "{description}");
            let others = selected.map_or(0, |only| only.len() - retailers.len());
            assert_eq!(
                outcome.result.totals.not_assigned.count,
                i64::try_from(others).unwrap(),
                "{description}"
            );
            self.done[2] += 1;
        }
        description
    }

    /// Executes an order and asserts that it has these steps.
    async fn order(
        &mut self,
        description: &str,
        (input, options): (&OrderInput, &WriteOptions),
        requested: &BTreeSet<Pair>,
        steps: Steps,
        reason: &'static str,
        disabled: bool,
    ) -> Option<Outcome> {
        let Self { allowed, orders, .. } = &*self;
        let result = executed(async |render| orders.execute(allowed, input, options, render).await).await;
        if disabled {
            assert!(matches!(result, Err(AssignmentError::Reps(_))), "{description}: {result:?}");
            return None;
        }
        let outcome = result.unwrap_or_else(|error| panic!("{description}: {error}"));
        assert_eq!(counts(&outcome), steps.counts(), "{description}");
        match outcome.batch {
            None => {
                assert!(options.validate_only || (!input.plan && steps.changes_nothing()), "{description}");
            }
            Some(batch) => {
                assert!(!options.validate_only, "{description}");
                if input.plan {
                    self.model.plan(batch, requested, steps, reason);
                } else {
                    self.model.apply(&steps, self.clock.now(), batch, reason);
                }
            }
        }
        Some(outcome)
    }

    async fn apply_plan(&mut self) -> String {
        let plans: Vec<BatchId> = self.model.plans.keys().copied().collect();
        if plans.is_empty() {
            return "no plan to apply".into();
        }
        // One of the latest plans: older ones are likely stale.
        let plan = plans[plans.len() - 1 - self.dice.roll(plans.len().min(4))];
        let write_options = self.write_options();
        let description = format!("apply {plan}, {write_options:?} at {}", self.clock.now());
        let Self { allowed, apply, .. } = &*self;
        let result =
            executed(async |render| apply.execute(allowed, plan, &write_options, render).await).await;
        let saved = self.model.plans[&plan].clone();
        let state = self.model.batches[&plan];
        if state == State::Undone {
            assert!(matches!(result, Err(ApplyPlanError::Undone)), "{description}: {result:?}");
            return description;
        }
        let planned = state == State::Planned;
        if planned && !self.model.is_current(&saved) {
            assert!(matches!(result, Err(ApplyPlanError::Stale(1.., _))), "{description}: {result:?}");
            return description;
        }
        let outcome = result.unwrap_or_else(|error| panic!("{description}: {error:?}"));
        assert_eq!(counts(&outcome), saved.steps.counts(), "{description}");
        if planned && !write_options.validate_only {
            self.model.apply(&saved.steps, self.clock.now(), plan, saved.reason);
            self.done[3] += 1;
        }
        description
    }

    async fn undo_batch(&mut self) -> String {
        let batches: Vec<BatchId> = self.model.batches.keys().copied().collect();
        if batches.is_empty() {
            return "no batch to undo".into();
        }
        let latest = if self.dice.one_in(3) { batches.len() } else { batches.len().min(4) };
        let batch = batches[batches.len() - 1 - self.dice.roll(latest)];
        let write_options = self.write_options();
        let description = format!("undo {batch}, {write_options:?} at {}", self.clock.now());
        let Self { allowed, undo, .. } = &*self;
        let result =
            executed(async |render| undo.execute(allowed, batch, &write_options, render).await).await;
        match self.model.batches[&batch] {
            State::Planned => assert_eq!(result, Err(UndoBatchError::NotApplied), "{description}"),
            State::Undone => {
                assert_eq!(result, Ok(Outcome { repeated: true, ..Outcome::default() }), "{description}");
            }
            State::Applied => {
                let outcome = result.unwrap_or_else(|error| panic!("{description}: {error:?}"));
                let (steps, changed) = self.model.undo(batch);
                assert_eq!(counts(&outcome), steps.counts(), "{description}");
                let changed: BTreeSet<String> =
                    changed.into_iter().map(|retailer| self.uid(retailer)).collect();
                assert_eq!(
                    outcome.result.totals.changed.uids.into_iter().collect::<BTreeSet<_>>(),
                    changed,
                    "{description}"
                );
                if let Some(undo) = outcome.batch {
                    assert!(!write_options.validate_only, "{description}");
                    self.model.apply(&steps, self.clock.now(), undo, "undone");
                    self.model.batches.insert(batch, State::Undone);
                    self.done[4] += 1;
                } else {
                    assert!(write_options.validate_only || steps.changes_nothing(), "{description}");
                }
            }
        }
        description
    }

    async fn delete_or_restore(&mut self) -> String {
        let retailer = self.dice.roll(RETAILERS);
        let write_options = WriteOptions { request_id: "r".into(), ..WriteOptions::default() };
        let (uid, allowed) = (&self.retailers[retailer], Allowed::check(self.actor.clone()).unwrap());
        let render = |_: &_| {
            Ok(StoredResponse { status: 200, location: None, etag: None, body: Vec::new(), replayed: false })
        };
        if self.model.deleted.remove(&retailer) {
            self.pool.restore(&allowed, uid, &write_options, render).await.unwrap();
            return format!("{retailer} is restored");
        }
        self.pool.delete(&allowed, uid, &write_options, render).await.unwrap();
        self.model.deleted.insert(retailer);
        let now = self.clock.now();
        let live = |period: &&mut Period| period.retailer == retailer && period.until.is_none();
        self.model
            .periods
            .iter_mut()
            .filter(live)
            .for_each(|period| Model::end(period, now, None, "deleted"));
        self.done[5] += 1;
        format!("{retailer} is deleted at {now}")
    }

    /// Asserts that the assignment periods of a retailer, read page by page, are those of the model.
    async fn check_spans(&self, retailer: usize, when: When, expected: Vec<&Period>) {
        let mut page = PageRequest::first(Limit::parse(if when == When::Ever { 7 } else { 3 }).unwrap());
        let mut actual = Vec::new();
        loop {
            let part = self
                .read
                .spans(
                    &Allowed::check(Actor::clone(&self.allowed)).unwrap(),
                    &self.retailers[retailer],
                    when,
                    &page,
                )
                .await
                .unwrap();
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
            .map(|period| {
                let by = (Some(self.actor.user), period.end.map(|_| self.actor.user));
                let reason = period.end.map(|end| end.1.to_owned());
                let end_batch = period.end.and_then(|end| end.0);
                (
                    self.reps[period.rep].0,
                    period.from,
                    period.until,
                    Some(period.batch),
                    end_batch,
                    reason,
                    by,
                )
            })
            .collect();
        assert_eq!(actual, expected, "retailer {retailer}, {when:?}");
    }

    async fn check_retailers(&mut self, times: usize) {
        for retailer in 0..RETAILERS {
            self.check_spans(retailer, When::Ever, self.model.spans(retailer, |_| true)).await;
            for _ in 0..times {
                let at = self.random_time();
                self.check_spans(
                    retailer,
                    When::At(at),
                    self.model.spans(retailer, |period| serves_at(period, at)),
                )
                .await;
                let day = day_in_dhaka(at);
                let periods = self.model.spans(retailer, |period| serves_at(period, midnight(day)));
                self.check_spans(retailer, When::StartOf(day), periods).await;
                let periods = self.model.spans(retailer, |period| serves_during(period, day));
                self.check_spans(retailer, When::During(day), periods).await;
            }
        }
    }

    /// Returns a time in these years, usually close to the start or end of a period.
    fn random_time(&mut self) -> DateTime<Utc> {
        let begin: DateTime<Utc> = "2024-11-19T00:00:00Z".parse().unwrap();
        if self.model.periods.is_empty() || self.dice.one_in(4) {
            return begin + TimeDelta::seconds(self.dice.between(0, 3 * 366 * 86_400));
        }
        let number = self.dice.roll(self.model.periods.len());
        let period = &self.model.periods[number];
        let at = if number.is_multiple_of(2) { period.from } else { period.until.unwrap_or(period.from) };
        at + TimeDelta::microseconds(self.dice.between(-1, 1))
    }

    async fn check_lists(&self) {
        for (rep, (id, _)) in self.reps.iter().enumerate() {
            let page = PageRequest::first(Limit::parse(100).unwrap());
            let tenant = self.actor.tenant;
            let list =
                self.db.list(tenant, &Scope::Rep(*id), &RetailerQuery::default(), &page).await.unwrap();
            let actual: Vec<RetailerUid> = list.rows.into_iter().map(|retailer| retailer.uid).collect();
            let expected: Vec<_> = self
                .model
                .retailers_of(rep)
                .into_iter()
                .map(|retailer| self.retailers[retailer].clone())
                .collect();
            assert_eq!(actual, expected, "retailers of {rep}");
        }
    }

    async fn check_batches(&self) {
        for (batch, state) in &self.model.batches {
            let (found, _) = self.read.batch(&self.allowed, *batch).await.unwrap();
            assert_eq!(found.state.as_str(), format!("{state:?}").to_lowercase(), "batch {batch}");
            let mut page = PageRequest::first(Limit::parse(5).unwrap());
            let mut actual = Vec::new();
            loop {
                let part = self.read.changes(&self.allowed, *batch, &page).await.unwrap();
                actual.extend(part.rows);
                match part.next {
                    Some(next) => page.after = Some(next),
                    None => break,
                }
            }
            let actual: Vec<_> = actual
                .into_iter()
                .filter(|change| *state != State::Planned || ["start", "end"].contains(&&*change.outcome))
                .map(|change| (change.uid, change.rep.0, change.outcome, change.occurred_at))
                .collect();
            let mut expected = Vec::new();
            if let (State::Planned, Some(plan)) = (state, self.model.plans.get(batch)) {
                expected.extend(plan.steps.starts.iter().map(|pair| (*pair, "start", None)));
                expected.extend(plan.steps.ends.iter().map(|pair| (*pair, "end", None)));
            }
            for period in &self.model.periods {
                let pair = (period.retailer, period.rep);
                if period.batch == *batch {
                    expected.push((pair, "start", Some(period.from)));
                }
                if period.end.is_some_and(|end| end.0 == Some(*batch)) {
                    expected.push((pair, "end", period.until));
                }
            }
            expected.sort();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|((retailer, rep), step, at)| {
                    (self.uid(retailer), self.reps[rep].0, step.to_owned(), at)
                })
                .collect();
            assert_eq!(actual, expected, "batch {batch}");
        }
    }
}

fn counts(outcome: &Outcome) -> [i64; 5] {
    let totals = &outcome.result.totals;
    [totals.assigned, totals.already_assigned, totals.moved, totals.unassigned, totals.skipped]
}

/// Prints the last operations when a test fails.
struct Log {
    seed: u64,
    lines: Vec<String>,
}

impl Drop for Log {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut text =
                format!("seed {}, after {} operations; the last operations:", self.seed, self.lines.len());
            for line in self.lines.iter().rev().take(3).rev() {
                let _ = write!(text, "\n  {line}");
            }
            eprintln!("{text}");
        }
    }
}

/// Runs two years of operations and returns how often each kind changed something.
async fn two_years(seed: u64) -> [usize; 7] {
    let mut world = World::new(seed).await;
    let mut log = Log { seed, lines: Vec::new() };
    for number in 1..=OPERATIONS {
        world.advance_clock();
        log.lines.push(world.act().await);
        if number % 10 == 0 {
            world.check_lists().await;
        }
        if number % 100 == 0 {
            world.check_retailers(1).await;
        }
    }
    world.check_lists().await;
    world.check_retailers(6).await;
    world.check_batches().await;
    println!(
        "seed {seed}: {:?}, {} periods, until {}",
        world.done,
        world.model.periods.len(),
        world.clock.now()
    );
    world.done
}

/// Runs two years for each seed. Together they must contain every kind of operation.
async fn two_years_of(seeds: impl IntoIterator<Item = u64>) {
    let mut done = [0; 7];
    for seed in seeds {
        let counts = two_years(seed).await;
        done.iter_mut().zip(counts).for_each(|(done, count)| *done += count);
    }
    assert!(done.iter().all(|count| *count > 3), "too few operations of a kind: {done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_match_the_model_seed_5() {
    two_years_of([5]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_match_the_model_seed_2() {
    two_years_of([2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_years_match_the_model_seed_3() {
    two_years_of([3]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes nine seconds per seed: make test-long, make prove histories"]
async fn two_years_match_the_model_for_many_seeds() {
    two_years_of(haat_test_support::many_seeds(12)).await;
}
