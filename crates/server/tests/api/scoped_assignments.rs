//! Assignments by managers and leaders: random requests with retailers and sales reps inside and outside the scope, compared with a
//! model, and the cases in which something leaves the scope meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use haat_test_support::{Dice, many_seeds};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{done, problem};
use crate::world::{Role, World};

const CALLERS: usize = 8;
const REQUESTS: usize = 40;

/// A retailer and a sales rep.
type Pair = (usize, usize);

/// A batch of the model: its actor, and the pairs that it started and ended.
#[derive(Debug, Clone)]
struct Batch {
    actor: usize,
    starts: BTreeSet<Pair>,
    ends: BTreeSet<Pair>,
    undone: bool,
}

impl Batch {
    fn reps(&self) -> BTreeSet<usize> {
        self.starts.iter().chain(&self.ends).map(|pair| pair.1).collect()
    }
}

/// The requests of a world, with the batches that they made.
struct Requests {
    world: World,
    tokens: Vec<String>,
    batches: BTreeMap<i64, Batch>,
    /// The batch that started the present assignment of a pair, and how often a pair was started.
    live: BTreeMap<Pair, i64>,
    started: BTreeMap<Pair, usize>,
    /// The number of starts of each pair that a batch ended, at that time.
    started_before: BTreeMap<(i64, Pair), usize>,
}

impl Requests {
    async fn new(seed: u64) -> Self {
        let world = World::new(seed, CALLERS, 1).await;
        let mut tokens = Vec::new();
        for user in 0..world.model.users.len() {
            tokens.push(world.token(user).await);
        }
        let (batches, live) = (BTreeMap::new(), BTreeMap::new());
        Self { world, tokens, batches, live, started: BTreeMap::new(), started_before: BTreeMap::new() }
    }

    async fn post(&self, caller: usize, path: &str, body: &Value) -> Response {
        let request = self.world.servers[0].request(Method::POST, path).bearer_auth(&self.tokens[caller]);
        request.json(body).send().await.unwrap()
    }

    async fn get(&self, caller: usize, path: &str) -> Response {
        self.world.servers[0].get(path).bearer_auth(&self.tokens[caller]).send().await.unwrap()
    }

    fn dice(&mut self) -> &mut Dice {
        &mut self.world.dice
    }

    /// The sales reps whose assignments the caller changes.
    fn covered_reps(&self, caller: usize) -> BTreeSet<usize> {
        let mut model = self.world.model.clone();
        // The grants of a sales rep cover no assignment.
        model.users[caller].roles.remove(&Role::Rep);
        model.users_of(caller)
    }

    /// The retailers whose assignments the caller changes.
    fn covered_retailers(&self, caller: usize) -> BTreeSet<usize> {
        let mut model = self.world.model.clone();
        model.users[caller].roles.remove(&Role::Rep);
        model.retailers_of(caller)
    }

    fn random_caller(&mut self) -> usize {
        let staff: Vec<usize> =
            (0..self.world.model.users.len()).filter(|user| self.world.model.is_staff(*user)).collect();
        staff[self.dice().roll(staff.len())]
    }

    /// A random sales rep, mostly one that the caller's scope covers.
    fn random_rep(&mut self, caller: usize) -> usize {
        let reps = self.world.model.reps();
        let covered = self.covered_reps(caller);
        let inside: Vec<usize> = reps.iter().copied().filter(|rep| covered.contains(rep)).collect();
        if inside.is_empty() || self.dice().one_in(8) {
            return reps[self.dice().roll(reps.len())];
        }
        inside[self.dice().roll(inside.len())]
    }

    /// Records a batch of an actor, with the assignments that it started and ended.
    fn record(&mut self, id: i64, actor: usize, starts: &BTreeSet<Pair>, ends: &BTreeSet<Pair>) {
        for pair in ends {
            assert!(self.world.model.retailers[pair.0].reps.remove(&pair.1));
            self.live.remove(pair);
            self.started_before.insert((id, *pair), self.started.get(pair).copied().unwrap_or_default());
        }
        for pair in starts {
            assert!(self.world.model.retailers[pair.0].reps.insert(pair.1));
            self.live.insert(*pair, id);
            *self.started.entry(*pair).or_default() += 1;
        }
        let batch = Batch { actor, starts: starts.clone(), ends: ends.clone(), undone: false };
        self.batches.insert(id, batch);
    }

    /// Compares all assignments in the database with the model.
    async fn check_assignments(&self, described: &str) {
        let select = "SELECT r.uid, a.sales_rep_id FROM sales_rep_retailers AS a \
                      JOIN retailers AS r ON r.id = a.retailer_id WHERE a.tenant_id = $1";
        let rows = self.world.database.owner().await.query(select, &[&self.world.tenant]).await.unwrap();
        let actual: BTreeSet<(String, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let retailers = self.world.model.retailers.iter();
        let expected = retailers.flat_map(|retailer| {
            retailer.reps.iter().map(|rep| (retailer.uid.clone(), self.world.model.users[*rep].id))
        });
        assert_eq!(actual, expected.collect(), "{described}");
    }

    /// Assigns or unassigns random retailers.
    async fn bulk(&mut self, caller: usize) -> String {
        let (covered_reps, covered) = (self.covered_reps(caller), self.covered_retailers(caller));
        let mode = ["share", "skip", "move", "unassign"][self.dice().roll(4)];
        let mut pairs: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for _ in 0..=self.dice().roll(2) {
            let rep = self.random_rep(caller);
            let mut retailers = self.world.dice.up_to(6, self.world.model.retailers.len());
            // Mostly retailers inside the scope.
            retailers.retain(|retailer| covered.contains(retailer) || self.world.dice.one_in(3));
            pairs.entry(rep).or_default().extend(retailers);
        }
        let unknown = "RTL-UNKNOWN".to_owned();
        let groups: Vec<Value> = pairs
            .iter()
            .map(|(rep, retailers)| {
                let mut uids = self.world.uids(retailers);
                uids.push(unknown.clone());
                json!({"salesRep": self.world.model.users[*rep].id, "retailers": uids})
            })
            .collect();
        let described = format!("{:?}: {mode} {pairs:?}", self.world.model.users[caller]);
        let mut request = json!({"assignments": groups});
        let path = if mode == "unassign" { "bulk-unassign" } else { "bulk" };
        if mode != "unassign" {
            request["ifAssigned"] = json!(mode);
        }
        let response = self.post(caller, &format!("/admin/assignments/{path}"), &request).await;
        let outside: Vec<usize> = pairs.keys().copied().filter(|rep| !covered_reps.contains(rep)).collect();
        if !outside.is_empty() {
            let problem = problem(response).await;
            let errors = problem["errors"].as_array().unwrap();
            assert!(errors.iter().all(|error| error["code"] == "not-found"), "{described}: {problem}");
            assert_eq!(errors.len(), outside.len(), "{described}");
            return described;
        }
        let outcome = done(response).await;
        let requested: BTreeSet<Pair> = pairs
            .iter()
            .flat_map(|(rep, retailers)| retailers.iter().map(move |retailer| (*retailer, *rep)))
            .collect();
        let inside: BTreeSet<Pair> =
            requested.iter().copied().filter(|(retailer, _)| covered.contains(retailer)).collect();
        let not_found: BTreeSet<String> = requested
            .difference(&inside)
            .map(|(retailer, _)| self.world.model.retailers[*retailer].uid.clone())
            .chain([unknown])
            .collect();
        let listed = outcome["notFound"].as_array().unwrap().iter();
        let listed: BTreeSet<String> = listed.map(|uid| uid.as_str().unwrap().to_owned()).collect();
        assert_eq!(listed, not_found, "{described}");
        let number = |name: &str| outcome[name].as_u64().unwrap();
        let (mut starts, mut ends) = (BTreeSet::new(), BTreeSet::new());
        for (retailer, rep) in &inside {
            let served = &self.world.model.retailers[*retailer].reps;
            match mode {
                "unassign" => {
                    if served.contains(rep) {
                        ends.insert((*retailer, *rep));
                    }
                }
                _ if served.contains(rep) || (mode == "skip" && !served.is_empty()) => {}
                _ => {
                    starts.insert((*retailer, *rep));
                }
            }
            if mode == "move" {
                let replaced = served.iter().filter(|other| !inside.contains(&(*retailer, **other)));
                // Assignments of sales reps outside the scope stay.
                ends.extend(replaced.filter(|rep| covered_reps.contains(rep)).map(|rep| (*retailer, *rep)));
            }
        }
        let counted = if mode == "unassign" {
            number("unassigned") + number("notAssigned")
        } else {
            number("assigned") + number("alreadyAssigned") + number("moved") + number("skipped")
        };
        assert_eq!(counted, u64::try_from(inside.len()).unwrap(), "{described}: {outcome}");
        self.settle(caller, &outcome, &starts, &ends, &described);
        described
    }

    /// Transfers the retailers of a sales rep to another one.
    async fn transfer(&mut self, caller: usize) -> String {
        let (from, to) = (self.random_rep(caller), self.random_rep(caller));
        let (covered_reps, covered) = (self.covered_reps(caller), self.covered_retailers(caller));
        let id = |user: usize| self.world.model.users[user].id;
        let request = json!({"from": id(from), "to": [id(to)]});
        let described = format!("{:?}: transfer {from} to {to}", self.world.model.users[caller]);
        let response = self.post(caller, "/admin/assignments/transfer", &request).await;
        if from == to || !covered_reps.contains(&from) || !covered_reps.contains(&to) {
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{described}");
            return described;
        }
        let outcome = done(response).await;
        assert_eq!(outcome["notFound"], json!([]), "{described}");
        let (mut starts, mut ends) = (BTreeSet::new(), BTreeSet::new());
        for retailer in covered {
            let served = &self.world.model.retailers[retailer].reps;
            if served.contains(&from) {
                ends.insert((retailer, from));
                if !served.contains(&to) {
                    starts.insert((retailer, to));
                }
            }
        }
        self.settle(caller, &outcome, &starts, &ends, &described);
        described
    }

    fn settle(
        &mut self,
        caller: usize,
        outcome: &Value,
        starts: &BTreeSet<Pair>,
        ends: &BTreeSet<Pair>,
        described: &str,
    ) {
        let id = outcome["batchId"].as_i64();
        assert_eq!(id.is_some(), !(starts.is_empty() && ends.is_empty()), "{described}: {outcome}");
        if let Some(id) = id {
            self.record(id, caller, starts, ends);
        }
    }

    /// Undoes a random batch of any actor.
    async fn undo(&mut self, caller: usize) -> String {
        let ids: Vec<i64> = self.batches.keys().copied().collect();
        if ids.is_empty() {
            return "no batch".to_owned();
        }
        let id = ids[self.dice().roll(ids.len())];
        let batch = self.batches[&id].clone();
        let described = format!("{:?}: undo {batch:?}", self.world.model.users[caller]);
        let response = self.post(caller, &format!("/admin/assignments/batches/{id}/undo"), &json!({})).await;
        if !self.is_visible(caller, &batch) {
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{described}");
            return described;
        }
        let outcome = done(response).await;
        assert_eq!(outcome["repeated"], batch.undone, "{described}");
        if batch.undone {
            return described;
        }
        let covered = self.covered_retailers(caller);
        let leads = self.world.model.users[caller].roles.iter().any(|role| matches!(role, Role::Leader(_)));
        let retailers: BTreeSet<usize> = batch.starts.iter().chain(&batch.ends).map(|pair| pair.0).collect();
        let undoable = |retailer: &usize| {
            let served = &self.world.model.retailers[*retailer].reps;
            let of_shop = |pair: &&Pair| pair.0 == *retailer;
            (covered.contains(retailer) || (leads && served.is_empty()))
                && batch.starts.iter().filter(of_shop).all(|pair| self.live.get(pair) == Some(&id))
                && batch.ends.iter().filter(of_shop).all(|pair| {
                    !served.contains(&pair.1)
                        && self.started.get(pair).copied().unwrap_or_default()
                            == self.started_before[&(id, *pair)]
                })
        };
        let undone: BTreeSet<usize> = retailers.iter().copied().filter(undoable).collect();
        let changed: BTreeSet<usize> = retailers.difference(&undone).copied().collect();
        assert_eq!(outcome["changedRetailers"], json!(self.world.uids(&changed)), "{described}");
        let of =
            |pairs: &BTreeSet<Pair>| pairs.iter().copied().filter(|pair| undone.contains(&pair.0)).collect();
        let (starts, ends): (BTreeSet<Pair>, BTreeSet<Pair>) = (of(&batch.ends), of(&batch.starts));
        self.settle(caller, &outcome, &starts, &ends, &described);
        if outcome["batchId"].is_i64() {
            self.batches.get_mut(&id).unwrap().undone = true;
        }
        described
    }

    fn is_visible(&self, caller: usize, batch: &Batch) -> bool {
        self.world.model.users[caller].roles.contains(&Role::National)
            || (batch.actor == caller && batch.reps().is_subset(&self.covered_reps(caller)))
    }

    /// Compares the batches and the history that the caller sees with the model.
    async fn check_reads(&mut self, caller: usize, described: &str) {
        let list = done(self.get(caller, "/admin/assignments/batches?limit=200").await).await;
        let listed: BTreeSet<i64> =
            list["data"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
        let visible: BTreeSet<i64> = self
            .batches
            .iter()
            .filter(|(_, batch)| self.is_visible(caller, batch))
            .map(|(id, _)| *id)
            .collect();
        // The batch of the administrator, which created the world, is not in the model.
        let listed: BTreeSet<i64> = listed.into_iter().filter(|id| self.batches.contains_key(id)).collect();
        assert_eq!(listed, visible, "{described}");
        for id in self.batches.keys().copied().rev().take(3).collect::<Vec<_>>() {
            let status = if visible.contains(&id) { 200 } else { 404 };
            for path in ["", "/changes"] {
                let path = format!("/admin/assignments/batches/{id}{path}");
                assert_eq!(self.get(caller, &path).await.status(), status, "{described}: {path}");
            }
        }
        let (covered, reps) = (self.covered_retailers(caller), self.covered_reps(caller));
        let retailer = self.world.dice.roll(self.world.model.retailers.len());
        let path = format!("/admin/retailers/{}/assignments", self.world.model.retailers[retailer].uid);
        let status = if covered.contains(&retailer) { 200 } else { 404 };
        assert_eq!(self.get(caller, &path).await.status(), status, "{described}: {path}");
        let rep = self.world.model.reps()[self.world.dice.roll(8)];
        let path = format!("/admin/sales-reps/{}/assignments?limit=200", self.world.model.users[rep].id);
        let response = self.get(caller, &path).await;
        assert_eq!(response.status() == 200, reps.contains(&rep), "{described}: {path}");
        if response.status() == 200 {
            let uids = self.world.uids(&covered);
            let periods = done(response).await;
            for period in periods["data"].as_array().unwrap() {
                let uid = period["retailer"]["uid"].as_str().unwrap().to_owned();
                assert!(uids.contains(&uid), "{described}: {path}: {uid}");
            }
        }
    }
}

async fn check(seed: u64) {
    let mut requests = Requests::new(seed).await;
    for number in 0..REQUESTS {
        let caller = requests.random_caller();
        let described = match requests.dice().roll(6) {
            0 => requests.world.make_move().await,
            1 => requests.transfer(caller).await,
            2 => requests.undo(caller).await,
            _ => requests.bulk(caller).await,
        };
        let described = format!("seed {seed}, request {number}: {described}");
        requests.check_assignments(&described).await;
        if requests.world.model.is_staff(caller) {
            requests.check_reads(caller, &described).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_and_leaders_change_only_assignments_in_scope() {
    for seed in 1..=3 {
        check(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes seconds per seed: make test-long, make prove histories"]
async fn scoped_assignments_match_the_model_for_many_seeds() {
    for seed in many_seeds(15) {
        check(seed).await;
    }
}
