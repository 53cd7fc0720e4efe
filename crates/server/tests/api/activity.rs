//! The activity of users: counted by every process, and read in the caller's scope.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Server, code, eventually};

/// Writes the counts every second.
const EVERY_SECOND: (&str, &str) = ("HAAT_ACTIVITY_SECONDS", "1");

impl App {
    /// The requests, changes and logins of a user in the table.
    async fn counted(&self, user: i64) -> (i64, i64, i64) {
        let sum = "SELECT coalesce(sum(requests), 0)::bigint, coalesce(sum(changes), 0)::bigint, \
                   coalesce(sum(logins), 0)::bigint FROM user_activity WHERE tenant_id = $1 AND user_id = $2";
        let owner = self.database.owner().await;
        let row = owner.query_one(sum, &[&self.fixture.ours.tenant, &user]).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    }

    /// Stores one day of each user of both tenants, and a team of `sr00001`.
    async fn with_activity() -> Self {
        let app = Self::new().await;
        let owner = app.database.owner().await;
        owner
            .batch_execute(
                "INSERT INTO user_activity (tenant_id, day, user_id, requests, changes, logins, first_at, last_at) \
                 SELECT tenant_id, DATE '2026-11-20', id, CASE role WHEN 'admin' THEN 100 ELSE id END, 2, 1, \
                        '2026-11-20T03:00:00Z', '2026-11-20T09:00:00Z' FROM users; \
                 INSERT INTO teams (tenant_id, name, name_key) SELECT id, 'Bazar', 'bazar' FROM tenants; \
                 INSERT INTO team_members (tenant_id, user_id, team_id, joined_at) \
                 SELECT u.tenant_id, u.id, t.id, now() FROM users AS u JOIN teams AS t USING (tenant_id) \
                  WHERE u.username = 'sr00001'",
            )
            .await
            .unwrap();
        app
    }

    async fn activity_as(&self, username: &str, path: &str) -> Value {
        let response = self.get_as(username, path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }
}

const NOVEMBER: &str = "from=2026-11-01&to=2026-11-30";

#[tokio::test(flavor = "multi_thread")]
async fn lists_sum_by_user_day_role_and_team_in_scope() {
    let app = App::with_activity().await;
    let (admin, rep, other) =
        (app.fixture.ours.admin.id, app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let by = async |username: &str, grouping: &str, member: &str| -> Vec<(Value, i64)> {
        let path = format!("/admin/users/activity?{NOVEMBER}&groupBy={grouping}");
        let list = app.activity_as(username, &path).await;
        let row = |row: &Value| {
            (row.pointer(member).cloned().unwrap_or_default(), row["totals"]["requests"].as_i64().unwrap())
        };
        list["data"].as_array().unwrap().iter().map(row).collect()
    };
    let mut users = vec![(json!(admin), 100), (json!(rep), rep), (json!(other), other)];
    users.sort_by_key(|(id, _)| id.as_i64());
    assert_eq!(by("admin", "user", "/user/id").await, users);
    assert_eq!(by("admin", "day", "/day").await, [(json!("2026-11-20"), 100 + rep + other)]);
    let roles = [(json!("admin"), 100), (json!("sales_rep"), rep + other)];
    assert_eq!(by("admin", "role", "/role").await, roles);
    let teams = [(Value::Null, 100 + other), (json!("Bazar"), rep)];
    assert_eq!(by("admin", "team", "/team/name").await, teams);
    for (grouping, member) in
        [("user", "/user/id"), ("day", "/day"), ("role", "/role"), ("team", "/team/name")]
    {
        let own = by("sr00001", grouping, member).await;
        assert_eq!(own.len(), 1, "{own:?}");
        assert_eq!(own[0].1, rep, "only the caller's own");
    }
    let empty = app.activity_as("admin", "/users/activity?from=2026-11-21&to=2026-11-30").await;
    assert_eq!(empty["data"], json!([]));
    let invalid = app.get_as("admin", "/users/activity?from=2026-11-21&to=2026-11-20&groupBy=area").await;
    assert_eq!(invalid.status(), 422);
    let invalid: Value = invalid.json().await.unwrap();
    assert_eq!(
        (&invalid["errors"][0]["field"], &invalid["errors"][1]["field"]),
        (&json!("groupBy"), &json!("to"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_readers_of_the_audit_log_see_what_a_user_changed() {
    let app = App::with_activity().await;
    let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let patched = app.send_as("sr00001", Method::PATCH, "/retailers/RTL-0001", &json!({"points": 77})).await;
    assert_eq!(patched.status(), 200);
    let own = app.activity_as("sr00001", &format!("/users/{rep}/activity?{NOVEMBER}")).await;
    assert_eq!((&own["totals"]["requests"], &own["days"][0]["day"]), (&json!(rep), &json!("2026-11-20")));
    assert!(own["entries"].is_null() && own["sessions"].is_null(), "no rows without read-audit");
    assert!(!own["lastSessionAt"].is_null());
    let seen = app.activity_as("admin", &format!("/users/{rep}/activity")).await;
    let entries = seen["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["action"] == "retailer.update"), "{entries:?}");
    assert!(entries.iter().all(|entry| entry.as_object().unwrap().len() == 7), "no values: {entries:?}");
    assert_eq!(seen["sessions"].as_array().unwrap().len(), 2);
    for (username, user) in [("sr00001", other), ("admin", app.fixture.theirs.rep.id), ("admin", 999_999)] {
        let response = app.get_as(username, &format!("/users/{user}/activity")).await;
        assert_eq!(code(response).await, "not-found", "{username} {user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_only_what_it_counted_last() {
    let app = App::with(&[EVERY_SECOND]).await;
    let ours = &app.fixture.ours;
    let mut graceful = Server::start(&app.database.app_url(), &[("HAAT_ACTIVITY_SECONDS", "3600")]);
    let mut killed = Server::start(&app.database.app_url(), &[EVERY_SECOND]);
    let users = [("admin", ours.admin.id), ("sr00001", ours.rep.id), ("sr00002", ours.other_rep.id)];
    let [admin, rep, other] = users;
    let send = async |server: &Server, token: &str, number: i64| {
        for _ in 0..number {
            let response = server.get("/retailers?limit=1").bearer_auth(token).send().await.unwrap();
            assert_eq!(response.status(), 200);
        }
    };
    let (first, second, third) = (
        app.server.token("default", admin.0).await,
        graceful.token("default", rep.0).await,
        killed.token("default", other.0).await,
    );
    send(&app.server, &first, 11).await;
    send(&graceful, &second, 12).await;
    send(&killed, &third, 13).await;
    // One change, one change that fails, and one request that is not admitted.
    let patch = app.send_as(rep.0, Method::PATCH, "/retailers/RTL-0001", &json!({"points": 7})).await;
    assert_eq!(patch.status(), 200);
    let patch = app.send_as(rep.0, Method::PATCH, "/retailers/RTL-0005", &json!({"points": 7})).await;
    assert_eq!(patch.status(), 404);
    assert_eq!(app.server.get("/retailers").send().await.unwrap().status(), 401);
    eventually(async || app.counted(admin.1).await == (11, 0, 1) && app.counted(other.1).await == (13, 0, 1))
        .await;
    send(&killed, &third, 5).await;
    killed.signal("KILL");
    killed.wait();
    send(&app.server, &first, 3).await;
    graceful.signal("TERM");
    assert_eq!(graceful.wait().0, Some(0));
    eventually(async || app.counted(admin.1).await == (14, 0, 1)).await;
    assert_eq!(app.counted(rep.1).await, (14, 1, 3), "the last counts are written at a graceful stop");
    let (requests, changes, logins) = app.counted(other.1).await;
    assert!((13..=18).contains(&requests) && (changes, logins) == (0, 1), "{requests}");
}
