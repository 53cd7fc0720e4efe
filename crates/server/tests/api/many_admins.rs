//! Ten administrators at once change all there is to be changed about who serves which shop, while representatives work.
//! Nobody is told that it cannot be done now, and what remains fits together.

use std::sync::Arc;
use std::sync::Mutex;

use haat_test_support::Client;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{App, soon};

const CLIENTS: u64 = 10;
const ROUNDS: usize = 18;
const CAPACITY: i32 = 8;
const REPS: [&str; 5] = ["sr00001", "sr00002", "sr00003", "sr00004", "sr00005"];
/// Disabled and enabled again and again.
const DISABLED: usize = 4;
const SHOPS: usize = 24;

/// Chance that can be repeated, as far as ten at once can be.
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
        format!("RTL-{:04}", 1 + self.roll(SHOPS))
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
    disabled: i64,
    /// Batches and plans so far.
    batches: Mutex<Vec<i64>>,
    plans: Mutex<Vec<i64>>,
    done: Mutex<[usize; 10]>,
}

impl World {
    async fn new() -> Self {
        // Who waits for a connection waits: that is not what is tried here.
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
                       FROM retailers, generate_series(7, {SHOPS}) AS n WHERE uid = 'RTL-0006'; \
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
                &[&tenant, &REPS[DISABLED]],
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
            disabled: row.get(2),
            batches: Mutex::default(),
            plans: Mutex::default(),
            done: Mutex::default(),
        }
    }

    async fn send(&self, token: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.app.server.request(method, path).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap_or_default();
        assert!(status < 500, "{path} {body}: {status} {answer}");
        (status, answer)
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
                    let path = format!("/admin/sales-reps/{}", self.disabled);
                    for state in ["disabled", "active"] {
                        let body = json!({"state": state});
                        let (status, answer) = self.send(&self.admin, Method::PATCH, &path, &body).await;
                        assert_eq!(status, 200, "{path} {body} {answer}");
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
            let (status, answer) = self.send(&self.admin, method, &path, &body).await;
            judge(&path, &body, status, &answer);
            if status < 300 {
                self.done.lock().unwrap()[number] += 1;
                if let Some(batch) = answer["batchId"].as_i64() {
                    let list = if number == 3 { &self.plans } else { &self.batches };
                    list.lock().unwrap().push(batch);
                }
            }
        }
    }

    async fn represent(&self, rep: usize) {
        let mut dice = Dice(1_000 + rep as u64);
        for _ in 0..ROUNDS * 2 {
            let body = json!({"points": dice.roll(1000)});
            let path = format!("/retailers/{}", dice.uid());
            let (status, answer) = self.send(&self.reps[rep], Method::PATCH, &path, &body).await;
            let fits = [200, 404].contains(&status) || (status == 401 && rep == DISABLED);
            assert!(fits, "{path} by {rep}: {status} {answer}");
            let (status, _) =
                self.send(&self.reps[rep], Method::GET, "/retailers?limit=100", &Value::Null).await;
            assert!(status == 200 || (status == 401 && rep == DISABLED), "{status}");
        }
    }

    async fn all_at_once(self: &Arc<Self>, seed: u64, undo: bool) {
        let mut tasks = JoinSet::new();
        for client in 0..CLIENTS {
            let world = self.clone();
            tasks.spawn(async move { world.administer(seed * 100 + client, undo).await });
        }
        for rep in 0..REPS.len() {
            let world = self.clone();
            tasks.spawn(async move { world.represent(rep).await });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }

    /// What each representative sees is what the database says.
    async fn lists_are_true(&self, owner: &Client) {
        for (rep, username) in REPS.iter().enumerate().take(DISABLED) {
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
            soon(async || {
                let path = "/retailers?sort=uid&limit=100";
                let (_, page) = self.send(&self.reps[rep], Method::GET, path, &Value::Null).await;
                let shops = page["data"].as_array().unwrap().iter();
                shops.map(|shop| json!([shop["uid"], shop["name"]])).collect::<Vec<_>>() == expected
            })
            .await;
        }
    }
}

/// Each counts what must not be.
const WRONG: [(&str, &str); 9] = [
    (
        "deleted shops that somebody serves, or copies that are not the shop's",
        "SELECT count(*) FROM sales_rep_retailers AS a JOIN retailers AS r USING (tenant_id) \
          WHERE r.id = a.retailer_id AND (r.deleted_at IS NOT NULL OR (a.uid, a.name) IS DISTINCT FROM (r.uid, r.name))",
    ),
    (
        "spans of a pair that overlap",
        "WITH spans AS ( \
             SELECT tenant_id, sales_rep_id, retailer_id, valid FROM assignment_history UNION ALL \
             SELECT tenant_id, sales_rep_id, retailer_id, tstzrange(assigned_at, NULL) FROM sales_rep_retailers \
         ), numbered AS (SELECT row_number() OVER () AS n, * FROM spans) \
         SELECT count(*) FROM numbered AS a JOIN numbered AS b USING (tenant_id, sales_rep_id, retailer_id) \
          WHERE a.n < b.n AND (a.valid && b.valid OR isempty(a.valid))",
    ),
    (
        "representatives of whom a batch does not say what its spans say",
        "WITH spans AS ( \
             SELECT batch_id, sales_rep_id, 1 AS n FROM sales_rep_retailers WHERE batch_id IS NOT NULL UNION ALL \
             SELECT batch_id, sales_rep_id, 1 FROM assignment_history WHERE batch_id IS NOT NULL UNION ALL \
             SELECT end_batch_id, sales_rep_id, -1 FROM assignment_history WHERE end_batch_id IS NOT NULL \
         ), said AS ( \
             SELECT l.batch_id, l.sales_rep_id, l.after - l.before AS n FROM assignment_loads AS l \
               JOIN batches AS b ON b.id = l.batch_id WHERE b.state <> 'planned' \
         ), did AS (SELECT batch_id, sales_rep_id, sum(n) AS n FROM spans GROUP BY 1, 2) \
         SELECT count(*) FROM said FULL JOIN did USING (batch_id, sales_rep_id) WHERE said.n IS DISTINCT FROM did.n",
    ),
    (
        "batches that do not say how many assignments they began and ended",
        "WITH spans AS ( \
             SELECT batch_id AS id, retailer_id, 1 AS started, 0 AS ended FROM sales_rep_retailers UNION ALL \
             SELECT batch_id, retailer_id, 1, 0 FROM assignment_history UNION ALL \
             SELECT end_batch_id, retailer_id, 0, 1 FROM assignment_history \
         ), shops AS (SELECT id, retailer_id, sum(started) AS started, sum(ended) AS ended FROM spans GROUP BY 1, 2 \
         ), did AS ( \
             SELECT id, coalesce(sum(started) FILTER (WHERE ended = 0), 0) AS assigned, \
                    coalesce(sum(started) FILTER (WHERE ended > 0), 0) AS moved, \
                    coalesce(sum(ended) FILTER (WHERE started = 0), 0) AS ended FROM shops GROUP BY 1 \
         ), said AS ( \
             SELECT id, kind, (counts->>'assigned')::bigint AS assigned, (counts->>'moved')::bigint AS moved, \
                    (counts->>'unassigned')::bigint AS unassigned FROM batches WHERE state <> 'planned' \
         ) \
         SELECT count(*) FROM said LEFT JOIN did USING (id) \
          WHERE coalesce(did.assigned, 0) <> said.assigned OR coalesce(did.moved, 0) > said.moved \
             OR coalesce(did.ended, 0) < said.unassigned \
             OR (kind IN ('unassign', 'undo') \
                 AND (coalesce(did.moved, 0), coalesce(did.ended, 0)) <> (said.moved, said.unassigned))",
    ),
    (
        "batches that filled somebody up",
        "SELECT count(*) FROM assignment_loads AS l JOIN batches AS b ON b.id = l.batch_id \
          WHERE b.state <> 'planned' AND b.kind <> 'undo' AND l.after > l.capacity AND l.after > l.before",
    ),
    ("wishes left behind", "SELECT count(*) FROM assignment_rows"),
    (
        "steps of what is no plan",
        "SELECT count(*) FROM assignment_steps AS s LEFT JOIN batches AS b ON b.id = s.batch_id \
          WHERE b.state IS DISTINCT FROM 'planned'",
    ),
    (
        "batches taken back by nobody, or by a batch that says otherwise",
        "SELECT count(*) FROM batches AS b LEFT JOIN batches AS u ON u.id = b.undone_by \
          WHERE b.state = 'undone' AND u.undoes IS DISTINCT FROM b.id",
    ),
    (
        "shops whose places contradict each other",
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
async fn ten_administrators_who_do_everything_leave_what_fits_together() {
    let world = Arc::new(World::new().await);
    let owner = world.app.database.owner().await;
    world.all_at_once(1, false).await;
    // So far nobody took anything back, which alone may fill somebody up.
    let full = format!(
        "SELECT count(*) FROM (SELECT FROM sales_rep_retailers GROUP BY tenant_id, sales_rep_id HAVING count(*) > {CAPACITY}) AS f"
    );
    assert_eq!(count(&owner, &full).await, 0, "representatives with too many shops");
    world.all_at_once(2, true).await;
    for (what, statement) in WRONG {
        assert_eq!(count(&owner, statement).await, 0, "{what}");
    }
    world.lists_are_true(&owner).await;
    let done = *world.done.lock().unwrap();
    println!("{done:?}");
    assert!(done.iter().all(|count| *count > 0), "too little to mean anything: {done:?}");
}

/// Only what can happen may be answered.
fn judge(path: &str, body: &Value, status: u16, answer: &Value) {
    let code = answer["code"].as_str().unwrap_or_default();
    let fits = match status {
        200 | 201 | 204 => true,
        409 => ["plan-outdated", "undone", "deleted"].contains(&code),
        // Whoever is disabled is given nothing, and nobody is transferred to themselves.
        422 => answer["errors"].as_array().unwrap().iter().all(|error| {
            error["code"] == "disabled" || (path.ends_with("transfer") && error["code"] == "invalid")
        }),
        _ => false,
    };
    assert!(fits, "{path} {body}: {status} {answer}");
}
