//! Ten concurrent clients of one administrator make every kind of change to assignments and retailers while the sales reps work. No
//! request fails with a server error, and the resulting data is consistent.

use std::sync::Arc;
use std::sync::Mutex;

use haat_test_support::Client;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{App, eventually};

const CLIENTS: u64 = 10;
const ROUNDS: usize = 18;
const CAPACITY: i32 = 8;
const REPS: [&str; 5] = ["sr00001", "sr00002", "sr00003", "sr00004", "sr00005"];
/// The sales rep who is disabled and enabled repeatedly.
const TOGGLED: usize = 4;
const RETAILERS: usize = 24;

/// A seeded random number generator, so that runs are repeatable except for the interleaving.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn rep(&mut self) -> &'static str {
        REPS[self.roll(REPS.len())]
    }

    fn uid(&mut self) -> String {
        format!("RTL-{:04}", 1 + self.roll(RETAILERS))
    }

    fn uids(&mut self) -> Vec<String> {
        (0..=self.roll(6)).map(|_| self.uid()).collect()
    }

    fn groups(&mut self) -> Value {
        (0..=self.roll(2)).map(|_| json!({"salesRep": self.rep(), "retailers": self.uids()})).collect()
    }
}

struct World {
    app: App,
    admin: String,
    reps: Vec<String>,
    territory: i64,
    areas: [i64; 3],
    toggled_id: i64,
    /// The ids of the batches so far.
    batches: Mutex<Vec<i64>>,
    /// The ids of the plans so far.
    plans: Mutex<Vec<i64>>,
    successes: Mutex<[usize; 10]>,
}

impl World {
    async fn new() -> Self {
        // A generous timeout, because connection timeouts are not under test.
        let app = App::with(&[
            ("HAAT_DATABASE_POOL", "24"),
            ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "20000"),
            ("HAAT_LOG", "error"),
        ])
        .await;
        let owner = app.database.owner().await;
        owner
            .batch_execute(&format!(
                "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                     SELECT tenant_id, 'sr0000' || n, name, password_hash, role FROM users, generate_series(3, 5) AS n \
                      WHERE username = 'sr00001'; \
                 INSERT INTO sales_reps (tenant_id, id) \
                     SELECT tenant_id, id FROM users WHERE username IN ('sr00003', 'sr00004', 'sr00005'); \
                 UPDATE sales_reps SET capacity = {CAPACITY}; \
                 INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
                     SELECT tenant_id, 'RTL-' || lpad(n::text, 4, '0'), name, region_id, area_id, territory_id, search_key \
                       FROM retailers, generate_series(7, {RETAILERS}) AS n WHERE uid = 'RTL-0006'; \
                 INSERT INTO areas (tenant_id, name, region_id) SELECT tenant_id, 'Tongi', region_id FROM areas; \
                 INSERT INTO regions (tenant_id, name) SELECT tenant_id, 'Khulna' FROM regions; \
                 INSERT INTO areas (tenant_id, name, region_id) \
                     SELECT tenant_id, 'Mongla', id FROM regions WHERE name = 'Khulna'"
            ))
            .await
            .unwrap();
        let tenant = app.fixture.ours.tenant;
        let row = owner
            .query_one(
                "SELECT (SELECT id FROM territories WHERE tenant_id = $1), \
                        (SELECT array_agg(id ORDER BY id) FROM areas WHERE tenant_id = $1), \
                        (SELECT id FROM users WHERE tenant_id = $1 AND username = $2)",
                &[&tenant, &REPS[TOGGLED]],
            )
            .await
            .unwrap();
        let admin = app.server.token("default", "admin").await;
        let mut reps = Vec::new();
        for username in REPS {
            reps.push(app.server.token("default", username).await);
        }
        Self {
            app,
            admin,
            reps,
            territory: row.get(0),
            areas: row.get::<_, Vec<i64>>(1).try_into().unwrap(),
            toggled_id: row.get(2),
            batches: Mutex::default(),
            plans: Mutex::default(),
            successes: Mutex::default(),
        }
    }

    async fn send(&self, token: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.app.server.request(method, path).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let result: Value = response.json().await.unwrap_or_default();
        assert!(status < 500, "{path} {body}: {status} {result}");
        (status, result)
    }

    async fn administer(&self, seed: u64, undo: bool) {
        let mut dice = Dice(seed);
        for _ in 0..ROUNDS {
            let kind = dice.roll(if undo { 100 } else { 85 });
            let (number, (method, path, body)) = match kind {
                0..=29 => (0, {
                    let if_assigned = ["share", "skip", "move"][dice.roll(3)];
                    let body = json!({"assignments": dice.groups(), "ifAssigned": if_assigned});
                    (Method::POST, "/admin/assignments/bulk".to_owned(), body)
                }),
                30..=37 => (1, {
                    let body = json!({"assignments": dice.groups()});
                    (Method::POST, "/admin/assignments/bulk-unassign".to_owned(), body)
                }),
                38..=45 => (2, {
                    let body = json!({"from": dice.rep(), "to": [dice.rep(), dice.rep()]});
                    (Method::POST, "/admin/assignments/transfer".to_owned(), body)
                }),
                46..=53 => (3, {
                    let if_assigned = ["share", "skip", "move"][dice.roll(3)];
                    let body = json!({"assignments": dice.groups(), "ifAssigned": if_assigned});
                    (Method::POST, "/admin/assignments/plans".to_owned(), body)
                }),
                54..=63 => (4, {
                    let Some(plan) = self.plans.lock().unwrap().last().copied() else { continue };
                    (Method::POST, format!("/admin/assignments/plans/{plan}/apply"), Value::Null)
                }),
                64..=67 => (5, (Method::DELETE, format!("/admin/retailers/{}", dice.uid()), Value::Null)),
                68..=71 => {
                    (6, (Method::POST, format!("/admin/retailers/{}/restore", dice.uid()), Value::Null))
                }
                72..=77 => (7, {
                    let body = json!({"name": format!("Shop {seed} {}", dice.roll(1000))});
                    (Method::PATCH, format!("/admin/retailers/{}", dice.uid()), body)
                }),
                78..=81 => (8, {
                    let body = json!({"area": self.areas[dice.roll(3)]});
                    (Method::PATCH, format!("/admin/territories/{}", self.territory), body)
                }),
                82..=84 => {
                    let path = format!("/admin/sales-reps/{}", self.toggled_id);
                    for state in ["disabled", "active"] {
                        let body = json!({"state": state});
                        let (status, result) = self.send(&self.admin, Method::PATCH, &path, &body).await;
                        assert_eq!(status, 200, "{path} {body} {result}");
                    }
                    continue;
                }
                _ => (9, {
                    let batches = self.batches.lock().unwrap().clone();
                    if batches.is_empty() {
                        continue;
                    }
                    let batch = batches[batches.len() - 1 - dice.roll(batches.len().min(8))];
                    (Method::POST, format!("/admin/assignments/batches/{batch}/undo"), Value::Null)
                }),
            };
            let (status, result) = self.send(&self.admin, method, &path, &body).await;
            assert_expected(&path, &body, status, &result);
            if status < 300 {
                self.successes.lock().unwrap()[number] += 1;
                if let Some(batch) = result["batchId"].as_i64() {
                    let list = if number == 3 { &self.plans } else { &self.batches };
                    list.lock().unwrap().push(batch);
                }
            }
        }
    }

    async fn work_as_rep(&self, rep: usize) {
        let mut dice = Dice(1_000 + rep as u64);
        for _ in 0..ROUNDS * 2 {
            let body = json!({"points": dice.roll(1000)});
            let path = format!("/retailers/{}", dice.uid());
            let (status, result) = self.send(&self.reps[rep], Method::PATCH, &path, &body).await;
            let is_expected = [200, 404].contains(&status) || (status == 401 && rep == TOGGLED);
            assert!(is_expected, "{path} by {rep}: {status} {result}");
            let (status, _) =
                self.send(&self.reps[rep], Method::GET, "/retailers?limit=100", &Value::Null).await;
            assert!(status == 200 || (status == 401 && rep == TOGGLED), "{status}");
        }
    }

    async fn run_concurrently(self: &Arc<Self>, seed: u64, undo: bool) {
        let mut tasks = JoinSet::new();
        for client in 0..CLIENTS {
            let world = self.clone();
            tasks.spawn(async move { world.administer(seed * 100 + client, undo).await });
        }
        for rep in 0..REPS.len() {
            let world = self.clone();
            tasks.spawn(async move { world.work_as_rep(rep).await });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }

    /// Asserts that the list of each sales rep except the toggled one, whose token was revoked, matches the
    /// database.
    async fn assert_lists_match(&self, owner: &Client) {
        for (rep, username) in REPS.iter().enumerate().take(TOGGLED) {
            let rows = owner
                .query(
                    "SELECT r.uid, r.name FROM sales_rep_retailers AS a JOIN users AS u ON u.id = a.sales_rep_id \
                       JOIN retailers AS r ON r.id = a.retailer_id \
                      WHERE u.tenant_id = $1 AND u.username = $2 ORDER BY r.uid",
                    &[&self.app.fixture.ours.tenant, username],
                )
                .await
                .unwrap();
            let expected: Vec<Value> =
                rows.iter().map(|row| json!([row.get::<_, &str>(0), row.get::<_, &str>(1)])).collect();
            eventually(async || {
                let path = "/retailers?sort=uid&limit=100";
                let (_, page) = self.send(&self.reps[rep], Method::GET, path, &Value::Null).await;
                let retailers = page["data"].as_array().unwrap().iter();
                retailers.map(|retailer| json!([retailer["uid"], retailer["name"]])).collect::<Vec<_>>()
                    == expected
            })
            .await;
        }
    }
}

/// Statements that count violations of an invariant.
const VIOLATIONS: [(&str, &str); 9] = [
    (
        "assignments of deleted retailers, or copies that differ from the retailer",
        "SELECT count(*) FROM sales_rep_retailers AS a JOIN retailers AS r USING (tenant_id) \
          WHERE r.id = a.retailer_id AND (r.deleted_at IS NOT NULL OR (a.uid, a.name) IS DISTINCT FROM (r.uid, r.name))",
    ),
    (
        "overlapping assignment periods of a pair",
        "WITH spans AS ( \
             SELECT tenant_id, sales_rep_id, retailer_id, valid FROM assignment_history UNION ALL \
             SELECT tenant_id, sales_rep_id, retailer_id, tstzrange(assigned_at, NULL) FROM sales_rep_retailers \
         ), numbered AS (SELECT row_number() OVER () AS n, * FROM spans) \
         SELECT count(*) FROM numbered AS a JOIN numbered AS b USING (tenant_id, sales_rep_id, retailer_id) \
          WHERE a.n < b.n AND (a.valid && b.valid OR isempty(a.valid))",
    ),
    (
        "sales reps for whom a batch differs from its assignment periods",
        "WITH spans AS ( \
             SELECT batch_id, sales_rep_id, 1 AS n FROM sales_rep_retailers WHERE batch_id IS NOT NULL UNION ALL \
             SELECT batch_id, sales_rep_id, 1 FROM assignment_history WHERE batch_id IS NOT NULL UNION ALL \
             SELECT end_batch_id, sales_rep_id, -1 FROM assignment_history WHERE end_batch_id IS NOT NULL \
         ), reported AS ( \
             SELECT l.batch_id, l.sales_rep_id, l.after - l.before AS n FROM assignment_loads AS l \
               JOIN batches AS b ON b.id = l.batch_id WHERE b.state <> 'planned' \
         ), actual AS (SELECT batch_id, sales_rep_id, sum(n) AS n FROM spans GROUP BY 1, 2) \
         SELECT count(*) FROM reported FULL JOIN actual USING (batch_id, sales_rep_id) WHERE reported.n IS DISTINCT FROM actual.n",
    ),
    (
        "batches with wrong counts of started and ended assignments",
        "WITH spans AS ( \
             SELECT batch_id AS id, retailer_id, 1 AS started, 0 AS ended FROM sales_rep_retailers UNION ALL \
             SELECT batch_id, retailer_id, 1, 0 FROM assignment_history UNION ALL \
             SELECT end_batch_id, retailer_id, 0, 1 FROM assignment_history \
         ), per_retailer AS (SELECT id, retailer_id, sum(started) AS started, sum(ended) AS ended FROM spans GROUP BY 1, 2 \
         ), actual AS ( \
             SELECT id, coalesce(sum(started) FILTER (WHERE ended = 0), 0) AS assigned, \
                    coalesce(sum(started) FILTER (WHERE ended > 0), 0) AS moved, \
                    coalesce(sum(ended) FILTER (WHERE started = 0), 0) AS ended FROM per_retailer GROUP BY 1 \
         ), reported AS ( \
             SELECT id, kind, (counts->>'assigned')::bigint AS assigned, (counts->>'moved')::bigint AS moved, \
                    (counts->>'unassigned')::bigint AS unassigned FROM batches WHERE state <> 'planned' \
         ) \
         SELECT count(*) FROM reported LEFT JOIN actual USING (id) \
          WHERE coalesce(actual.assigned, 0) <> reported.assigned OR coalesce(actual.moved, 0) > reported.moved \
             OR coalesce(actual.ended, 0) < reported.unassigned \
             OR (kind IN ('unassign', 'undo') \
                 AND (coalesce(actual.moved, 0), coalesce(actual.ended, 0)) <> (reported.moved, reported.unassigned))",
    ),
    (
        "batches that exceed the capacity of a sales rep",
        "SELECT count(*) FROM assignment_loads AS l JOIN batches AS b ON b.id = l.batch_id \
          WHERE b.state <> 'planned' AND b.kind <> 'undo' AND l.after > l.capacity AND l.after > l.before",
    ),
    ("remaining requested assignments", "SELECT count(*) FROM assignment_rows"),
    (
        "steps of batches that are not plans",
        "SELECT count(*) FROM assignment_steps AS s LEFT JOIN batches AS b ON b.id = s.batch_id \
          WHERE b.state IS DISTINCT FROM 'planned'",
    ),
    (
        "undone batches without the batch that undoes them",
        "SELECT count(*) FROM batches AS b LEFT JOIN batches AS u ON u.id = b.undone_by \
          WHERE b.state = 'undone' AND u.undoes IS DISTINCT FROM b.id",
    ),
    (
        "retailers with contradictory places",
        "SELECT count(*) FROM retailers AS r \
           LEFT JOIN territories AS t ON (t.tenant_id, t.id, t.area_id) = (r.tenant_id, r.territory_id, r.area_id) \
           LEFT JOIN areas AS a ON (a.tenant_id, a.id, a.region_id) = (r.tenant_id, r.area_id, r.region_id) \
          WHERE t.id IS NULL OR a.id IS NULL",
    ),
];

async fn count(owner: &Client, statement: &str) -> i64 {
    owner.query_one(statement, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_by_ten_clients_leave_consistent_data() {
    let world = Arc::new(World::new().await);
    let owner = world.app.database.owner().await;
    world.run_concurrently(1, false).await;
    // Only an undo may exceed a capacity, and there was none so far.
    let over_capacity = format!(
        "SELECT count(*) FROM (SELECT FROM sales_rep_retailers GROUP BY tenant_id, sales_rep_id HAVING count(*) > {CAPACITY}) AS f"
    );
    assert_eq!(count(&owner, &over_capacity).await, 0, "sales reps over capacity");
    world.run_concurrently(2, true).await;
    for (violation, statement) in VIOLATIONS {
        assert_eq!(count(&owner, statement).await, 0, "{violation}");
    }
    world.assert_lists_match(&owner).await;
    let successes = *world.successes.lock().unwrap();
    println!("{successes:?}");
    assert!(successes.iter().all(|count| *count > 0), "too few for a meaningful test: {successes:?}");
}

/// Asserts that the response is one of those that can occur.
fn assert_expected(path: &str, body: &Value, status: u16, result: &Value) {
    let code = result["code"].as_str().unwrap_or_default();
    let is_expected = match status {
        200 | 201 | 204 => true,
        409 => ["plan-stale", "already-undone", "deleted"].contains(&code),
        // A disabled sales rep receives nothing, and a transfer to the same sales rep is invalid.
        422 => result["errors"].as_array().unwrap().iter().all(|error| {
            error["code"] == "disabled" || (path.ends_with("transfer") && error["code"] == "invalid")
        }),
        _ => false,
    };
    assert!(is_expected, "{path} {body}: {status} {result}");
}
