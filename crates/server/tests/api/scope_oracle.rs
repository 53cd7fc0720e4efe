//! Random companies: what each user sees and changes equals a brute-force filter of the model.

use std::collections::{BTreeMap, BTreeSet};

use haat_test_support::many_seeds;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{done, eventually};
use crate::world::{Role, World};

/// Users of a company besides the sales reps.
const CALLERS: usize = 10;
const SORTS: [&str; 6] = ["name", "-name", "uid", "-uid", "updatedAt", "-updatedAt"];

/// A user of the world who is logged in.
struct Caller<'a> {
    world: &'a World,
    user: usize,
    token: String,
    retailers: BTreeSet<usize>,
}

impl<'a> Caller<'a> {
    async fn new(world: &'a World, user: usize) -> Self {
        Self { world, user, token: world.token(user).await, retailers: world.model.retailers_of(user) }
    }

    async fn get(&self, path: &str) -> Response {
        self.world.servers[0].get(path).bearer_auth(&self.token).send().await.unwrap()
    }

    /// All pages of a list.
    async fn rows(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = done(self.get(&format!("{path}{cursor}")).await).await;
            rows.extend(page["data"].as_array().unwrap().iter().cloned());
            match page["page"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// The uids of all pages of a list, sorted.
    async fn uids(&self, path: &str) -> Vec<String> {
        let rows = self.rows(path).await;
        let mut uids: Vec<String> = rows.iter().map(|row| row["uid"].as_str().unwrap().to_owned()).collect();
        if path.contains("sort=uid") {
            assert!(uids.is_sorted());
        } else if path.contains("sort=-uid") {
            assert!(uids.iter().rev().is_sorted());
        }
        uids.sort_unstable();
        uids
    }

    fn expected(&self) -> Vec<String> {
        self.world.uids(&self.retailers)
    }

    fn is_all(&self, what: fn(Role) -> bool) -> bool {
        self.world.model.users[self.user].roles.iter().all(|role| what(*role))
    }

    /// Lists, totals and searches of retailers.
    async fn check_lists(&self, page_size: usize) {
        let expected = self.expected();
        // Only the lists of sales reps are sorted by time without a territory.
        let sorts = if self.is_all(|role| matches!(role, Role::Leader(_) | Role::Rep)) { 6 } else { 4 };
        for sort in &SORTS[..sorts] {
            let path = format!("/retailers?limit={page_size}&sort={sort}");
            assert_eq!(self.uids(&path).await, expected, "{path}");
        }
        let count = async |path: &str| done(self.get(path).await).await["page"]["total"].as_u64();
        let total = u64::try_from(expected.len()).unwrap();
        assert_eq!(count("/retailers?includeTotal=true&limit=1").await, Some(total));
        let named = |text: &str| -> Vec<usize> {
            let retailers = &self.world.model.retailers;
            self.retailers
                .iter()
                .copied()
                .filter(|retailer| retailers[*retailer].name.contains(text))
                .collect()
        };
        for text in ["Bismillah", "Pharmacy", "নিউ"] {
            let expected = self.world.uids(&named(text));
            let path = format!("/retailers?q={text}&limit={page_size}&sort=name");
            assert_eq!(self.uids(&path).await, expected, "{path}");
            let total = u64::try_from(expected.len()).unwrap();
            assert_eq!(count(&format!("/retailers?q={text}&includeTotal=true")).await, Some(total));
        }
        let (area, _) = self.world.model.areas[0];
        let there: Vec<usize> =
            self.retailers.iter().copied().filter(|retailer| self.area_of(*retailer) == 0).collect();
        assert_eq!(self.uids(&format!("/retailers?area={area}&limit=7")).await, self.world.uids(&there));
    }

    fn area_of(&self, retailer: usize) -> usize {
        self.world.model.territories[self.world.model.retailers[retailer].territory].1
    }

    /// The pool and the export, which users with a role above sales rep read.
    async fn check_pool(&self, page_size: usize) {
        if !self.world.model.is_staff(self.user) {
            assert_eq!(self.get("/admin/retailers").await.status(), 403);
            assert_eq!(self.get("/admin/retailers/export").await.status(), 403);
            return;
        }
        // Retailers that a leader only serves belong to the list, and not to the pool.
        let mut pool = self.world.model.clone();
        pool.users[self.user].roles.remove(&Role::Rep);
        let pool = self.world.uids(&pool.retailers_of(self.user));
        let path = format!("/admin/retailers?limit={page_size}&sort=uid");
        assert_eq!(self.uids(&path).await, pool, "{path}");
        let export = self.get("/admin/retailers/export").await.text().await.unwrap();
        let exported: BTreeSet<String> = self
            .world
            .model
            .retailers
            .iter()
            .map(|retailer| retailer.uid.clone())
            .filter(|uid| export.contains(uid))
            .collect();
        assert!(exported.iter().eq(&pool));
        for rep in self.world.model.reps().into_iter().take(3) {
            let served = self.world.model.retailers.iter().enumerate();
            let served = served.filter(|(_, retailer)| retailer.reps.contains(&rep)).map(|(index, _)| index);
            let served = self.world.uids(&served.collect::<Vec<_>>());
            let expected: Vec<String> = served.into_iter().filter(|uid| pool.contains(uid)).collect();
            let id = self.world.model.users[rep].id;
            assert_eq!(self.uids(&format!("/admin/retailers?limit=50&salesRep={id}")).await, expected);
        }
    }

    /// Details and changes of single retailers.
    async fn check_details(&self, retailers: &[usize]) {
        for retailer in retailers {
            let uid = &self.world.model.retailers[*retailer].uid;
            let status = if self.retailers.contains(retailer) { 200 } else { 404 };
            let path = format!("/retailers/{uid}");
            assert_eq!(self.get(&path).await.status(), status, "{path}");
            let request = self.world.servers[0].request(Method::PATCH, &path).bearer_auth(&self.token);
            let patched = request.json(&json!({"notes": format!("by {}", self.user)})).send().await.unwrap();
            let status = if self.world.model.is_outside(self.user) { 403 } else { status };
            assert_eq!(patched.status(), status, "PATCH {path}");
        }
    }

    /// The users that the caller sees, and their activity.
    async fn check_users(&self, active: &BTreeMap<i64, i64>) {
        let expected: BTreeSet<i64> = self
            .world
            .model
            .users_of(self.user)
            .iter()
            .map(|user| self.world.model.users[*user].id)
            .collect();
        let ids = |rows: Vec<Value>| -> BTreeSet<i64> {
            // The administrator of the company is not in the model.
            let ids = rows.iter().map(|row| (row["id"].as_i64().unwrap(), row["username"] == "admin"));
            ids.filter(|(_, is_admin)| !is_admin).map(|(id, _)| id).collect()
        };
        assert_eq!(ids(self.rows("/users?limit=3").await), expected, "users");
        for user in &self.world.model.users {
            let status = if expected.contains(&user.id) { 200 } else { 404 };
            assert_eq!(self.get(&format!("/users/{}", user.id)).await.status(), status, "{}", user.username);
        }
        let rows = self.rows("/users/activity?groupBy=user&limit=50").await;
        let seen: BTreeSet<i64> = rows.iter().filter_map(|row| row["user"]["id"].as_i64()).collect();
        let is_known = |id: &i64| self.world.model.users.iter().any(|user| user.id == *id);
        let seen: BTreeSet<i64> = seen.into_iter().filter(is_known).collect();
        let own = self.world.model.users[self.user].id;
        // Users of distributors see their colleagues, and the activity of their own.
        let is_outside = self.world.model.is_outside(self.user);
        let expected = expected.into_iter().filter(|id| !is_outside || *id == own);
        let expected: BTreeSet<i64> = expected.filter(|id| active.contains_key(id)).collect();
        assert_eq!(seen, expected, "activity");
    }
}

/// The requests that are counted for each user.
async fn activity(world: &World) -> BTreeMap<i64, i64> {
    let select = "SELECT user_id, sum(requests)::bigint FROM user_activity WHERE tenant_id = $1 GROUP BY 1";
    let rows = world.database.owner().await.query(select, &[&world.tenant]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Compares what every user of a random company sees with the model.
async fn check(seed: u64) {
    let mut world = World::new(seed, CALLERS, 1).await;
    let page_sizes: Vec<usize> =
        (0..world.model.users.len()).map(|_| [1, 2, 3, 7, 50][world.dice.roll(5)]).collect();
    let chosen: Vec<usize> = world.dice.up_to(8, world.model.retailers.len()).into_iter().collect();
    for (user, page_size) in page_sizes.iter().enumerate() {
        let caller = Caller::new(&world, user).await;
        let described = format!("seed {seed}: {:?}", world.model.users[user]);
        println!("{described}");
        caller.check_lists(*page_size).await;
        caller.check_pool(*page_size).await;
        caller.check_details(&chosen).await;
        assert_eq!(caller.get("/teams").await.status() == 200, !world.model.is_outside(user), "{described}");
    }
    // Every user has been active by now; the counters are written once a second.
    eventually(async || activity(&world).await.len() > world.model.users.len()).await;
    let active = activity(&world).await;
    for user in 0..world.model.users.len() {
        Caller::new(&world, user).await.check_users(&active).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_see_exactly_what_their_grants_cover() {
    for seed in 1..=3 {
        check(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes seconds per seed: make test-long, make prove histories"]
async fn users_see_exactly_what_their_grants_cover_for_many_seeds() {
    for seed in many_seeds(8) {
        check(seed).await;
    }
}
