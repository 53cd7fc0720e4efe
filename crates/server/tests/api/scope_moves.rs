//! Moves of areas, territories, teams, members, grants and assignments with two processes. Changes are checked against the new
//! scope immediately in both. Reads follow immediately in the process that made the move, and within 100 ms in the other.

use std::time::{Duration, Instant};

use haat_test_support::many_seeds;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::done;
use crate::world::World;

const CALLERS: usize = 8;
const MOVES: usize = 25;
/// The guarantee of 100 ms for other processes, with a tolerance of five times that.
const DELAY: Duration = Duration::from_millis(5 * 100);

impl World {
    /// Makes a random move as the administrator, in the model too: of a place, a team, a member or grants, or of an assignment.
    /// Returns its description.
    async fn make_move_or_assign(&mut self) -> String {
        match self.dice.roll(7) {
            kind @ (0 | 1) => self.change_assignments(kind == 0).await,
            _ => self.make_move().await,
        }
    }

    /// Makes a random move of a place, a team, a member or grants.
    pub(crate) async fn make_move(&mut self) -> String {
        let kind = self.dice.roll(5);
        match kind {
            0 => {
                let (area, region) = (self.dice.roll(self.model.areas.len()), self.dice.roll(3));
                let path = format!("/admin/areas/{}", self.model.areas[area].0);
                self.admin(Method::PATCH, &path, &json!({"region": self.model.regions[region]})).await;
                self.model.areas[area].1 = region;
                format!("area {area} to region {region}")
            }
            1 => {
                let territory = self.dice.roll(self.model.territories.len());
                let area = self.dice.roll(self.model.areas.len());
                let path = format!("/admin/territories/{}", self.model.territories[territory].0);
                self.admin(Method::PATCH, &path, &json!({"area": self.model.areas[area].0})).await;
                self.model.territories[territory].1 = area;
                format!("territory {territory} to area {area}")
            }
            2 => {
                let reps = self.model.reps();
                let rep = reps[self.dice.roll(reps.len())];
                let team = (!self.dice.one_in(3)).then(|| self.dice.roll(self.model.teams.len()));
                self.join(rep, team).await;
                format!("{} to team {team:?}", self.model.users[rep].username)
            }
            3 => {
                let (team, area) =
                    (self.dice.roll(self.model.teams.len()), self.dice.roll(self.model.areas.len()));
                let path = format!("/teams/{}", self.model.teams[team].0);
                self.admin(Method::PATCH, &path, &json!({"area": self.model.areas[area].0})).await;
                self.model.teams[team].1 = Some(area);
                format!("team {team} to area {area}")
            }
            _ => self.change_grants().await,
        }
    }

    /// Replaces the grants of a user who is no sales rep and in no team.
    async fn change_grants(&mut self) -> String {
        let sales_reps = self.model.reps();
        let is_free = |user: &usize| self.model.users[*user].team.is_none() && !sales_reps.contains(user);
        let users: Vec<usize> = (0..self.model.users.len()).filter(is_free).collect();
        let Some(user) = users.get(self.dice.roll(users.len().max(1))).copied() else {
            return "no user without a team".to_owned();
        };
        let roles = self.model.random_roles(&mut self.dice);
        let grants: Vec<Value> = roles.iter().map(|role| self.model.grant(*role)).collect();
        let path = format!("/users/{}/roles", self.model.users[user].id);
        self.admin(Method::PUT, &path, &json!({"roles": grants})).await;
        self.model.users[user].roles.clone_from(&roles);
        format!("{} is {roles:?}", self.model.users[user].username)
    }

    async fn change_assignments(&mut self, assign: bool) -> String {
        let reps = self.model.reps();
        let rep = reps[self.dice.roll(reps.len())];
        let retailers = self.dice.up_to(5, self.model.retailers.len());
        if retailers.is_empty() {
            return "no retailers".to_owned();
        }
        let body = json!({"assignments": [{"salesRep": self.model.users[rep].id, "retailers": self.uids(&retailers)}]});
        let path = if assign { "/admin/assignments/bulk" } else { "/admin/assignments/bulk-unassign" };
        self.admin(Method::POST, path, &body).await;
        for retailer in &retailers {
            let served = &mut self.model.retailers[*retailer].reps;
            if assign {
                served.insert(rep)
            } else {
                served.remove(&rep)
            };
        }
        format!("{} serves {retailers:?}: {assign}", self.model.users[rep].username)
    }

    async fn listed(&self, process: usize, token: &str) -> Vec<String> {
        let request = self.servers[process].get("/retailers?sort=uid&limit=200").bearer_auth(token);
        let response = request.send().await.unwrap();
        if response.status() == StatusCode::FORBIDDEN {
            return Vec::new();
        }
        let list = done(response).await;
        list["data"].as_array().unwrap().iter().map(|row| row["uid"].as_str().unwrap().to_owned()).collect()
    }

    /// Changes a retailer, and repeats the request while the process knows only the former grants of the caller: it refuses with
    /// 503, or with 403 if those have no such permission.
    async fn patch(&self, process: usize, token: &str, retailer: usize, expected: u16) -> StatusCode {
        let started = Instant::now();
        loop {
            let path = format!("/retailers/{}", self.model.retailers[retailer].uid);
            let request = self.servers[process].request(Method::PATCH, &path).bearer_auth(token);
            let status = request.json(&json!({"points": retailer})).send().await.unwrap().status();
            let is_late = status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::FORBIDDEN;
            if status == expected || !is_late || started.elapsed() > DELAY {
                return status;
            }
        }
    }

    /// Compares what a user sees and changes through both processes with the model. `here` made the last move.
    async fn check_both(&mut self, user: usize, token: &str, here: usize, described: &str) {
        let there = 1 - here;
        let seen = self.model.retailers_of(user);
        let expected = self.uids(&seen);
        let retailer = self.dice.roll(self.model.retailers.len());
        let status = match (self.model.is_outside(user), seen.contains(&retailer)) {
            (true, _) => 403,
            (false, true) => 200,
            (false, false) => 404,
        };
        // First the change through the other process, which may not have read the change feed yet.
        assert_eq!(
            self.patch(there, token, retailer, status).await,
            status,
            "{described}: retailer {retailer}"
        );
        assert_eq!(self.listed(here, token).await, expected, "{described}");
        let started = Instant::now();
        while self.listed(there, token).await != expected {
            assert!(started.elapsed() < DELAY, "{described}: the other process is late");
        }
    }
}

async fn check(seed: u64) {
    let mut world = World::new(seed, CALLERS, 2).await;
    let mut tokens = Vec::new();
    for user in 0..world.model.users.len() {
        tokens.push(world.token(user).await);
    }
    for number in 0..MOVES {
        world.process = world.dice.roll(2);
        let made = world.make_move_or_assign().await;
        let here = world.process;
        let users = tokens.len();
        for user in [world.dice.roll(users), world.dice.roll(users), world.dice.roll(users)] {
            let described = format!("seed {seed}, move {number}, {made}: {:?}", world.model.users[user]);
            let token = tokens[user].clone();
            world.check_both(user, &token, here, &described).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_take_effect_at_once_and_within_100_ms_on_the_other_process() {
    for seed in 1..=3 {
        check(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes seconds per seed: make test-long, make prove histories"]
async fn moves_take_effect_for_many_seeds() {
    for seed in many_seeds(15) {
        check(seed).await;
    }
}
