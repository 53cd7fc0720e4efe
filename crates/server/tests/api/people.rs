//! Sales reps, admins, and one-time passwords.

use std::time::{Duration, Instant};

use haat_test_support::PASSWORD;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, Server, code, eventually, problem};

const REPS: &str = "/admin/sales-reps";
const USERS: &str = "/users";

impl App {
    /// Sends a request as an admin, asserts the status and returns the body.
    async fn by_admin(&self, method: Method, path: &str, body: &Value, status: u16) -> Value {
        let response = self.send_as("admin", method.clone(), path, body).await;
        assert_eq!(response.status(), status, "{method} {path} {body}");
        if status == 204 { Value::Null } else { response.json().await.unwrap() }
    }

    /// Creates a user and returns the id and the one-time password.
    async fn create_user(&self, list: &str, username: &str) -> (i64, String) {
        let mut body = json!({"username": username, "name": format!("Name of {username}")});
        if list == USERS {
            body["roles"] = json!(["admin"]);
        }
        let created = self.by_admin(Method::POST, list, &body, 201).await;
        (created["id"].as_i64().unwrap(), created["oneTimePassword"].as_str().unwrap().to_owned())
    }

    async fn log_in(&self, username: &str, password: &str) -> Response {
        let body = json!({"username": username, "password": password});
        self.server.log_in_request(&body).send().await.unwrap()
    }

    /// Logs in with a password and returns the access token.
    async fn token_of(&self, username: &str, password: &str) -> String {
        let response = self.log_in(username, password).await;
        assert_eq!(response.status(), 200);
        token_in(response).await
    }

    async fn change_password(&self, token: &str, current: &str, new: &str) -> Response {
        let body = json!({"currentPassword": current, "newPassword": new});
        let request = self.server.request(Method::POST, "/auth/change-password").bearer_auth(token);
        request.json(&body).send().await.unwrap()
    }

    async fn me(&self, token: &str) -> Response {
        self.server.get("/auth/me").bearer_auth(token).send().await.unwrap()
    }

    /// The result of a counting statement.
    async fn count(&self, statement: &str) -> i64 {
        self.database.number(statement).await
    }
}

async fn token_in(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["accessToken"].as_str().unwrap().to_owned()
}

/// The fields of a problem with their codes.
async fn field_errors(response: Response) -> Vec<(String, String)> {
    let problem = problem(response).await;
    let errors = problem["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_users_must_change_their_password_first() {
    let app = App::new().await;
    let (_, first) = app.create_user(REPS, "sr00077").await;
    let groups: Vec<usize> = first.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4], "{first}");
    let response = app.log_in("sr00077", &first).await;
    assert_eq!(response.status(), 200);
    let logged_in: Value = response.json().await.unwrap();
    assert_eq!(logged_in["user"]["mustChangePassword"], true);
    let old = logged_in["accessToken"].as_str().unwrap().to_owned();

    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut refused = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if !operation["security"].is_array()
                || ["/auth/change-password", "/auth/logout"].contains(&path.as_str())
            {
                continue;
            }
            let path = path.replace("{id}", "1").replace("{uid}", "RTL-0001");
            let method: Method = method.to_uppercase().parse().unwrap();
            for _ in 0..2 {
                // The second response comes from the cache.
                let request = app.server.request(method.clone(), &path).bearer_auth(&old);
                let response = request.json(&json!({})).send().await.unwrap();
                assert_eq!(response.status(), 403, "{method} {path}");
                assert_eq!(code(response).await, "password-change-required", "{method} {path}");
            }
            refused += 1;
        }
    }
    assert!(refused >= 15, "{refused}");

    let response = app.change_password(&old, &first, "a better one").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let changed: Value = response.json().await.unwrap();
    assert_eq!((&changed["tokenType"], &changed["expiresIn"]), (&json!("Bearer"), &json!(15 * 60)));
    assert_eq!(changed["user"]["mustChangePassword"], false);
    let new = changed["accessToken"].as_str().unwrap();
    assert_eq!(code(app.me(&old).await).await, "token-revoked");
    let me: Value = app.me(new).await.json().await.unwrap();
    assert_eq!((&me["username"], &me["mustChangePassword"]), (&json!("sr00077"), &json!(false)));
    assert_eq!(app.log_in("sr00077", &first).await.status(), 401, "the one-time password works once");
    assert_eq!(app.log_in("sr00077", "a better one").await.status(), 200);
    assert_eq!(app.server.get("/retailers").bearer_auth(new).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_password_requires_the_current_one() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let other = app.server.token("default", "sr00001").await;
    for (current, new, expected) in [
        ("Wrong@12345", "another one", ("currentPassword", "incorrect")),
        (PASSWORD, PASSWORD, ("newPassword", "same-as-current")),
        (PASSWORD, "short", ("newPassword", "too-short")),
        (PASSWORD, &"x".repeat(73), ("newPassword", "too-long")),
        (PASSWORD, "1234567\0", ("newPassword", "invalid-characters")),
        ("", "another one", ("currentPassword", "required")),
    ] {
        let response = app.change_password(&token, current, new).await;
        assert_eq!(response.status(), 422, "{current:?} {new:?}");
        assert_eq!(field_errors(response).await, owned(&[expected]), "{current:?} {new:?}");
    }
    assert_eq!(app.me(&token).await.status(), 200, "nothing was changed");
    let no_token = app.server.request(Method::POST, "/auth/change-password").json(&json!({})).send().await;
    assert_eq!(code(no_token.unwrap()).await, "missing-token");

    // Both requests start with the same password; only one can succeed.
    let (one, two) = tokio::join!(
        app.change_password(&token, PASSWORD, "number one"),
        app.change_password(&other, PASSWORD, "number two"),
    );
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    let (winner, loser) = if statuses[0] == 200 { (one, "number two") } else { (two, "number one") };
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!([401, 422].contains(&statuses[1]), "{statuses:?}");
    assert_eq!(app.me(&token_in(winner).await).await.status(), 200);
    for ended in [&token, &other] {
        assert_eq!(code(app.me(ended).await).await, "token-revoked");
    }
    assert_eq!(app.log_in("sr00001", loser).await.status(), 401);
    assert_eq!(app.count("SELECT count(*) FROM audit_logs WHERE action = 'user.change-password'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_revokes_tokens_and_is_limited_to_the_tenant() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let path = |id: i64| format!("/admin/users/{id}/reset-password");
    let id = app.fixture.ours.rep.id;
    let dry_run =
        app.by_admin(Method::POST, &format!("{}?validateOnly=true", path(id)), &Value::Null, 200).await;
    assert_eq!(dry_run, json!({"oneTimePassword": null}));
    assert_eq!(app.me(&token).await.status(), 200, "a dry run revokes nothing");

    let response = app.send_as("admin", Method::POST, &path(id), &Value::Null).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let reset: Value = response.json().await.unwrap();
    let password = reset["oneTimePassword"].as_str().unwrap();
    assert_eq!(code(app.me(&token).await).await, "token-revoked");
    assert_eq!(app.log_in("sr00001", PASSWORD).await.status(), 401);
    let token = app.token_of("sr00001", password).await;
    assert_eq!(code(app.me(&token).await).await, "password-change-required");
    assert_eq!(app.change_password(&token, password, "my very own").await.status(), 200);

    for id in [app.fixture.theirs.rep.id, 999_999] {
        assert_eq!(app.send_as("admin", Method::POST, &path(id), &Value::Null).await.status(), 404);
    }
    let rep = app.server.token("default", "sr00002").await;
    let request = app.server.request(Method::POST, &path(id)).bearer_auth(rep);
    assert_eq!(code(request.send().await.unwrap()).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_revokes_all_tokens_in_this_and_another_process() {
    let app = App::new().await;
    let second = Server::start(&app.database.app_url(), &[]);
    let token = app.server.token("default", "sr00001").await;
    let at_second = async || second.get("/auth/me").bearer_auth(&token).send().await.unwrap();
    assert_eq!(app.me(&token).await.status(), 200);
    assert_eq!(at_second().await.status(), 200);
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);

    assert_eq!(app.by_admin(Method::DELETE, &path, &Value::Null, 204).await, Value::Null);
    assert_eq!(code(app.me(&token).await).await, "token-revoked");
    let disabled = Instant::now();
    eventually(async || at_second().await.status() == 401).await;
    // The guarantee is 100 ms; the tolerance is five times that.
    assert!(disabled.elapsed() < Duration::from_millis(500), "{:?}", disabled.elapsed());
    assert_eq!(app.log_in("sr00001", PASSWORD).await.status(), 401);
    app.by_admin(Method::DELETE, &path, &Value::Null, 204).await;
    let rep = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    assert_eq!(
        (&rep["state"], &rep["version"]),
        (&json!("disabled"), &json!(2)),
        "repetition is not a change"
    );

    let enabled = app.by_admin(Method::PATCH, &path, &json!({"state": "active"}), 200).await;
    assert_eq!((&enabled["state"], &enabled["version"]), (&json!("active"), &json!(3)));
    assert_eq!(code(app.me(&token).await).await, "token-revoked", "revoked tokens stay revoked");
    assert_eq!(app.log_in("sr00001", PASSWORD).await.status(), 200);
    let actions = app.database.owner().await;
    let actions = actions
        .query("SELECT action FROM audit_logs WHERE entity <> 'session' ORDER BY occurred_at, id", &[])
        .await
        .unwrap();
    let actions: Vec<&str> = actions.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["user.disable", "user.enable"], "repetitions are not audited");
}

#[tokio::test(flavor = "multi_thread")]
async fn assigned_count_and_effective_capacity_are_current() {
    let app = App::new().await;
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);
    let read = async || app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    let numbers =
        |rep: &Value| ["assignedCount", "effectiveCapacity", "capacity"].map(|member| rep[member].clone());
    assert_eq!(numbers(&read().await), [json!(4), json!(120), json!(null)]);
    let changed = app.by_admin(Method::PATCH, &path, &json!({"capacity": 1}), 200).await;
    assert_eq!(
        numbers(&changed),
        [json!(4), json!(1), json!(1)],
        "a capacity below the count ends no assignment"
    );
    app.by_admin(Method::PATCH, &path, &json!({"capacity": 0}), 200).await;
    assert_eq!(numbers(&read().await), [json!(4), json!(0), json!(0)]);
    app.by_admin(Method::PATCH, &path, &json!({"capacity": null}), 200).await;
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE tenants SET default_capacity = 70 WHERE slug = 'default'").await.unwrap();
    assert_eq!(numbers(&read().await), [json!(4), json!(70), json!(null)]);
    let unassign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0001"]}]});
    app.by_admin(Method::POST, "/admin/assignments/bulk-unassign", &unassign, 200).await;
    let page = app.by_admin(Method::GET, REPS, &Value::Null, 200).await;
    let assigned_counts: Vec<(&str, i64)> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rep| (rep["username"].as_str().unwrap(), rep["assignedCount"].as_i64().unwrap()))
        .collect();
    assert_eq!(assigned_counts, [("sr00001", 3), ("sr00002", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_lists_support_paging_and_search() {
    let app = App::new().await;
    for body in [
        json!({"username": "zz-1", "name": "মো: রহিম", "employeeCode": "E-17", "phone": "01911-223344"}),
        json!({"username": "zz-2", "name": "Karim", "employeeCode": "e_18"}),
        json!({"username": "zz-3", "name": "Karim", "employeeCode": "F-1"}),
    ] {
        app.by_admin(Method::POST, REPS, &body, 201).await;
    }
    let search = async |query: &str| {
        let page = app.by_admin(Method::GET, &format!("{REPS}?{query}"), &Value::Null, 200).await;
        let data = page["data"].as_array().unwrap();
        data.iter().map(|rep| rep["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(search("").await, ["zz-2", "zz-3", "sr00001", "sr00002", "zz-1"], "by name, then by id");
    assert_eq!(search("q=KAR").await, ["zz-2", "zz-3"]);
    assert_eq!(search("q=র").await, ["zz-1"], "one letter suffices");
    assert_eq!(search("q=e_1").await, ["zz-2"], "an underscore is not a wildcard");
    assert_eq!(search("q=০১৯১১-২২৩৩").await, ["zz-1"]);
    assert_eq!(search("q=sr00001@EX").await, ["sr00001"]);
    assert_eq!(search("q=F-1").await, ["zz-3"]);
    assert_eq!(search("q=admin").await, Vec::<String>::new(), "admins are not sales reps");
    let path = format!("{REPS}/{}", app.fixture.ours.other_rep.id);
    app.by_admin(Method::PATCH, &path, &json!({"state": "disabled", "name": "Abdul"}), 200).await;
    assert_eq!(search("state=disabled").await, ["sr00002"]);
    assert_eq!(search("q=abdul").await, ["sr00002"], "matched by the new name");
    assert_eq!(search("state=active&q=uddin").await, ["sr00001"]);

    let mut usernames = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{REPS}?limit=1{cursor}");
        let page = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
        usernames.push(page["data"][0]["username"].as_str().unwrap().to_owned());
        match page["page"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(usernames, search("").await);
    let response = app.get_as("admin", &format!("{USERS}?limit=1{cursor}")).await;
    assert_eq!(code(response).await, "invalid-cursor");
    let admins = app.by_admin(Method::GET, "/admin/users?role=admin", &Value::Null, 200).await;
    assert_eq!(admins["data"].as_array().unwrap().len(), 1);
    let admin = &admins["data"][0];
    assert_eq!((&admin["username"], &admin["role"]), (&json!("admin"), &json!("admin")));
    assert!(admin.get("assignedCount").is_none() && admin.get("employeeCode").is_none());
    assert!(!admins.to_string().contains("$2b$"));
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_see_the_retailers_of_a_sales_rep_as_the_sales_rep_does() {
    let app = App::new().await;
    let retailers = format!("{REPS}/{}/retailers", app.fixture.ours.rep.id);
    for query in ["", "?page=2&limit=3", "?q=মা&sort=-points&includeTotal=true", "?fields=uid,points&limit=2"]
    {
        let mut own: Value = app.get_as("sr00001", &format!("/retailers{query}")).await.json().await.unwrap();
        assert!(!own["data"].as_array().unwrap().is_empty(), "{query}");
        let path = format!("{retailers}{query}");
        let mut by_admin = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
        // A cursor belongs to the list that returned it.
        let cursors = [&mut own, &mut by_admin].map(|page| page["page"]["nextCursor"].take());
        assert_eq!(cursors[0].is_null(), cursors[1].is_null(), "{query}");
        assert_eq!(by_admin, own, "{query}");
    }
    let unassign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0001"]}]});
    app.by_admin(Method::POST, "/admin/assignments/bulk-unassign", &unassign, 200).await;
    let by_admin = app.by_admin(Method::GET, &retailers, &Value::Null, 200).await;
    assert_eq!(by_admin["data"].as_array().unwrap().len(), 3, "immediately");
    for id in [app.fixture.ours.admin.id, app.fixture.theirs.rep.id, 999_999] {
        let response = app.get_as("admin", &format!("{REPS}/{id}/retailers")).await;
        assert_eq!(code(response).await, "not-found", "{id}");
    }
    assert_eq!(code(app.get_as("admin", &format!("{REPS}/me/retailers")).await).await, "not-found");
    assert_eq!(app.get_as("sr00001", &retailers).await.status(), 200, "their own");
    assert_eq!(code(app.get_as("sr00002", &retailers).await).await, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_invalid_and_taken_fields_are_reported_at_once() {
    let app = App::new().await;
    let before = app.count("SELECT count(*) FROM users").await;
    let bad = json!({
        "username": "0123", "name": "\u{200B} ", "phone": "5", "email": "@", "employeeCode": "\t", "capacity": -1,
        "password": "x", "role": "admin",
    });
    let response = app.send_as("admin", Method::POST, REPS, &bad).await;
    assert_eq!(response.status(), 422);
    let expected = [
        ("username", "invalid"),
        ("name", "required"),
        ("phone", "invalid-phone"),
        ("email", "invalid"),
        ("employeeCode", "required"),
        ("capacity", "out-of-range"),
        ("password", "unknown-field"),
        ("role", "unknown-field"),
    ];
    assert_eq!(field_errors(response).await, owned(&expected));
    for (name, code) in [
        ("a\nb".to_owned(), "invalid-characters"),
        ("a\0b".to_owned(), "invalid-characters"),
        ("ক".repeat(300), "too-long"),
    ] {
        let response = app
            .send_as(
                "admin",
                Method::POST,
                USERS,
                &json!({"username": "abc", "name": name, "roles": ["admin"]}),
            )
            .await;
        assert_eq!(field_errors(response).await, owned(&[("name", code)]));
    }

    let code_of = json!({"employeeCode": "E-1"});
    app.by_admin(Method::PATCH, &format!("{REPS}/{}", app.fixture.ours.rep.id), &code_of, 200).await;
    let duplicate = json!({
        "username": "ADMIN", "name": "x", "phone": "01811000001", "email": "SR00002@example.com", "employeeCode": "E-1",
    });
    let all = ["username", "phone", "email", "employeeCode"].map(|field| (field, "taken"));
    let other = format!("{REPS}/{}", app.fixture.ours.other_rep.id);
    let response = app.send_as("admin", Method::POST, REPS, &duplicate).await;
    assert_eq!(response.status(), 409);
    assert_eq!(field_errors(response).await, owned(&all));
    let phone = json!({"username": "fresh", "name": "x", "phone": "01811000001"});
    let body = problem(app.send_as("admin", Method::POST, REPS, &phone).await).await;
    assert_eq!(body["detail"], "phone: is already used by another user", "the detail names the field");
    let only_code = json!({"username": "fresh", "name": "x", "employeeCode": "E-1"});
    let response = app.send_as("admin", Method::POST, REPS, &only_code).await;
    assert_eq!(field_errors(response).await, owned(&[("employeeCode", "taken")]));
    let response = app.send_as("admin", Method::PATCH, &other, &duplicate).await;
    assert_eq!(response.status(), 409);
    // The own email address is not a conflict.
    assert_eq!(field_errors(response).await, owned(&[all[0], all[1], all[3]]));
    assert_eq!(app.count("SELECT count(*) FROM users").await, before);
    assert_eq!(app.count("SELECT count(*) FROM audit_logs WHERE entity <> 'session'").await, 1, "the code");
    assert_eq!(app.by_admin(Method::GET, &other, &Value::Null, 200).await["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_cannot_take_the_same_name() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let send = async |method: Method, path: String, body: Value| {
        let request = app.server.request(method, &path).bearer_auth(&token).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    for round in 0..5 {
        let body = json!({"username": format!("twin{round}"), "name": "Twin"});
        let create = || send(Method::POST, REPS.to_owned(), body.clone());
        let statuses: [u16; 4] = tokio::join!(create(), create(), create(), create()).into();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");

        let code = json!({"employeeCode": format!("E-{round}"), "username": format!("new{round}")});
        let [one, two] = [&app.fixture.ours.rep, &app.fixture.ours.other_rep].map(|rep| rep.id);
        let change = |id: i64| send(Method::PATCH, format!("{REPS}/{id}"), code.clone());
        let mut changed: [u16; 2] = tokio::join!(change(one), change(two)).into();
        changed.sort_unstable();
        assert_eq!(changed, [200, 409]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_cannot_disable_themselves_so_one_remains() {
    let app = App::new().await;
    let own = format!("{USERS}/{}", app.fixture.ours.admin.id);
    for (method, body) in
        [(Method::DELETE, Value::Null), (Method::PATCH, json!({"state": "disabled", "name": "x"}))]
    {
        let response = app.send_as("admin", method, &own, &body).await;
        assert_eq!(response.status(), 409);
        assert_eq!(code(response).await, "cannot-target-self");
    }
    assert_eq!(app.by_admin(Method::PATCH, &own, &json!({"name": "Boss"}), 200).await["name"], "Boss");

    let (id, first) = app.create_user(USERS, "second").await;
    let theirs = format!("{USERS}/{id}");
    let response = app.change_password(&app.token_of("second", &first).await, &first, PASSWORD).await;
    let second = token_in(response).await;
    let admin = app.server.token("default", "admin").await;
    let disable = async |token: &str, path: &str| {
        let request = app.server.request(Method::DELETE, path).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let (one, two) = tokio::join!(disable(&admin, &theirs), disable(&second, &own));
    let mut statuses = [one, two];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204, "{statuses:?}");
    // Either the requests deadlocked and one was aborted, or one came too late.
    assert!([401, 503].contains(&statuses[1]), "{statuses:?}");
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE tenant_id = 1 AND role = 'admin' AND state = 'active'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_hashes_are_neither_stored_nor_logged() {
    let mut app = App::with(&[("HAAT_LOG", "debug")]).await;
    let token = app.server.token("default", "admin").await;
    let create = || {
        let request = app.server.request(Method::POST, REPS).bearer_auth(&token);
        request.header("idempotency-key", "k-1").json(&json!({"username": "sr00099", "name": "R"})).send()
    };
    let first = create().await.unwrap();
    assert_eq!(first.status(), 201);
    assert_eq!(first.headers()["cache-control"], "no-store");
    let location = first.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = first.json().await.unwrap();
    assert_eq!(location, format!("{REPS}/{}", created["id"]));
    let again = create().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["location"].to_str().unwrap()), (201, &*location));
    let again: Value = again.json().await.unwrap();
    let mut expected = created.clone();
    let first = expected["oneTimePassword"].take().as_str().unwrap().to_owned();
    assert_eq!(again, expected, "the stored response omits the secret");
    let reset = format!("{USERS}/{}/reset-password", created["id"]);
    let reset = app.by_admin(Method::POST, &reset, &Value::Null, 200).await;
    let second = reset["oneTimePassword"].as_str().unwrap().to_owned();
    let token = app.token_of("sr00099", &second).await;
    assert_eq!(app.change_password(&token, &second, "Chosen@98765").await.status(), 200);

    let owner = app.database.owner().await;
    let stored: String = owner
        .query_one(
            "SELECT coalesce((SELECT string_agg(a::text, '|') FROM audit_logs a WHERE entity <> 'session'), '') || \
                    coalesce((SELECT string_agg(convert_from(body, 'UTF8'), '|') FROM idempotency_keys), '')",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert!(stored.contains("user.create") && stored.contains("user.reset-password"), "{stored}");
    assert!(
        stored.contains("user.change-password") && stored.contains("\"oneTimePassword\":null"),
        "{stored}"
    );
    app.server.signal("TERM");
    let (_, log) = app.server.wait();
    assert!(log.contains("reset-password"), "the log is there: {log}");
    for secret in [&*first, &second, "Chosen@98765", "$2b$", PASSWORD] {
        assert!(!stored.contains(secret) && !log.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_honor_if_match_and_dry_runs_change_nothing() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);
    let before = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    let dry_run = json!({"username": "maybe", "name": "May Be"});
    let response = app.send_as("admin", Method::POST, &format!("{REPS}?validateOnly=true"), &dry_run).await;
    assert_eq!(response.status(), 200);
    let preview: Value = response.json().await.unwrap();
    assert_eq!((&preview["id"], &preview["oneTimePassword"]), (&Value::Null, &Value::Null));
    assert_eq!((&preview["username"], &preview["effectiveCapacity"]), (&json!("maybe"), &json!(120)));
    let dry_run = app.by_admin(Method::DELETE, &format!("{path}?validateOnly=true"), &Value::Null, 200).await;
    assert_eq!(dry_run["state"], "disabled");
    let rename = json!({"name": "Another"});
    app.by_admin(Method::PATCH, &format!("{path}?validateOnly=true"), &rename, 200).await;
    app.by_admin(Method::PATCH, &path, &json!({"name": before["name"], "username": "SR00001"}), 200).await;
    assert_eq!(app.by_admin(Method::GET, &path, &Value::Null, 200).await, before);
    let entries =
        "SELECT (SELECT count(*) FROM audit_logs WHERE entity <> 'session') + (SELECT count(*) FROM changes)";
    assert_eq!(app.count(entries).await, 0, "nothing was changed");

    let send = async |method: Method, expected: &str, body: &Value| {
        let request = app.server.request(method, &path).bearer_auth(&token).header("if-match", expected);
        request.json(body).send().await.unwrap()
    };
    let etag = app.get_as("admin", &path).await.headers()["etag"].to_str().unwrap().to_owned();
    let changed = send(Method::PATCH, &etag, &json!({"name": "Rahim Uddin Ahmed"})).await;
    assert_eq!(changed.status(), 200);
    let new_etag = changed.headers()["etag"].to_str().unwrap().to_owned();
    assert!(new_etag.starts_with("\"2-"));
    assert_eq!(app.get_as("admin", &path).await.headers()["etag"], new_etag, "the same as for a read");
    for method in [Method::PATCH, Method::DELETE] {
        let stale = send(method, &etag, &json!({"name": "Too late"})).await;
        assert_eq!(code(stale).await, "precondition-failed");
    }
    let request = app.server.get(&path).bearer_auth(&token).header("if-none-match", &new_etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
    assert_eq!(app.count(entries).await, 2);
    let owner = app.database.owner().await;
    let row = owner
        .query_one(
            "SELECT before::text, after::text, entity_id, actor_id FROM audit_logs WHERE entity <> 'session'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(
        (row.get::<_, &str>(0), row.get::<_, &str>(1)),
        (r#"{"name": "Rahim Uddin"}"#, r#"{"name": "Rahim Uddin Ahmed"}"#)
    );
    assert_eq!(row.get::<_, &str>(2), app.fixture.ours.rep.id.to_string());
    assert_eq!(row.get::<_, Option<i64>>(3), Some(app.fixture.ours.admin.id));
    // The new username is valid for login.
    app.by_admin(Method::PATCH, &path, &json!({"username": "rahim"}), 200).await;
    assert_eq!(app.log_in("rahim", PASSWORD).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_rep_list_excludes_other_users() {
    let app = App::new().await;
    let ours = &app.fixture.ours;
    let path = format!("{REPS}/{}", ours.admin.id);
    for (method, body) in
        [(Method::GET, Value::Null), (Method::PATCH, json!({"name": "Mine"})), (Method::DELETE, Value::Null)]
    {
        let response = app.send_as("admin", method.clone(), &path, &body).await;
        assert_eq!(code(response).await, "not-found", "{method} {path}");
    }
    let rep = app.by_admin(Method::GET, &format!("{USERS}/{}", ours.rep.id), &Value::Null, 200).await;
    assert_eq!(rep["roles"], json!(["sales_rep"]));
    let untouched = "SELECT count(*) FROM users WHERE name = 'Rahim Uddin' AND state = 'active'";
    assert_eq!(app.count(untouched).await, 6);
}

async fn get(app: &App, username: &str, path: &str) -> Value {
    let response = app.get_as(username, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_are_sorted_and_filtered_by_assigned_count() {
    let app = App::new().await;
    let list = async |query: &str| -> Vec<(String, i64, i64)> {
        let page = get(&app, "admin", &format!("/admin/sales-reps?{query}")).await;
        let rep = |rep: &Value| {
            let number = |name: &str| rep[name].as_i64().unwrap();
            (
                rep["username"].as_str().unwrap().to_owned(),
                number("assignedCount"),
                number("effectiveCapacity"),
            )
        };
        page["data"].as_array().unwrap().iter().map(rep).collect()
    };
    let (first, second) = (("sr00001".to_owned(), 4, 120), ("sr00002".to_owned(), 2, 120));
    assert_eq!(list("sort=assignedCount").await, [second.clone(), first.clone()]);
    assert_eq!(list("sort=-assignedCount").await, [first.clone(), second.clone()]);
    assert_eq!(list("sort=-name").await, [second.clone(), first.clone()]);
    assert_eq!(list("minAssigned=3").await, std::slice::from_ref(&first));
    assert_eq!(list("maxAssigned=3").await, [second]);
    assert_eq!(list("minAssigned=3&maxAssigned=3").await, []);
    let page = get(&app, "admin", "/admin/sales-reps?sort=-assignedCount&limit=1").await;
    let cursor = page["page"]["nextCursor"].as_str().unwrap();
    assert_eq!(list(&format!("sort=-assignedCount&cursor={cursor}")).await[0].0, "sr00002");
    let other = app.get_as("admin", &format!("/admin/sales-reps?sort=assignedCount&cursor={cursor}")).await;
    assert_eq!(code(other).await, "invalid-cursor");
    for (query, field) in [
        ("sort=points", "sort"),
        ("minAssigned=-1", "minAssigned"),
        ("maxAssigned=x", "maxAssigned"),
        ("minAssigned=4&maxAssigned=3", "maxAssigned"),
    ] {
        let response = app.get_as("admin", &format!("/admin/sales-reps?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        assert_eq!(response.json::<Value>().await.unwrap()["errors"][0]["field"], field);
    }
    assert_eq!(app.get_as("admin", "/admin/users?sort=assignedCount").await.status(), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_see_their_company_and_sales_reps_their_load() {
    let app = App::new().await;
    let me = get(&app, "sr00001", "/auth/me").await;
    assert_eq!(
        (&me["username"], &me["effectiveCapacity"], &me["assignedCount"]),
        (&json!("sr00001"), &json!(120), &json!(4))
    );
    let row = app
        .database
        .owner()
        .await
        .query_one("SELECT name, now() FROM tenants WHERE slug = 'default'", &[])
        .await
        .unwrap();
    let (company, now): (String, chrono::DateTime<chrono::Utc>) = (row.get(0), row.get(1));
    assert_eq!((&me["company"], &me["timeZone"]), (&json!(company), &json!("Asia/Dhaka")));
    let server_time: chrono::DateTime<chrono::Utc> = me["serverTime"].as_str().unwrap().parse().unwrap();
    assert!((server_time - now).num_seconds().abs() < 60);
    let me = get(&app, "admin", "/auth/me").await;
    assert_eq!(
        (&me["company"], &me["effectiveCapacity"], &me["assignedCount"]),
        (&json!(company), &Value::Null, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_sees_whom_a_sales_rep_served() {
    let app = App::new().await;
    let rep = app.fixture.ours.rep.id;
    let body = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0001"]}]});
    let ended: Value = app
        .send_as("admin", Method::POST, "/admin/assignments/bulk-unassign", &body)
        .await
        .json()
        .await
        .unwrap();
    let path = format!("/admin/sales-reps/{rep}/assignments");
    let first = get(&app, "admin", &format!("{path}?limit=3")).await;
    let cursor = first["page"]["nextCursor"].as_str().unwrap();
    let second = get(&app, "admin", &format!("{path}?limit=3&cursor={cursor}")).await;
    let rows: Vec<&Value> =
        [&first, &second].iter().flat_map(|page| page["data"].as_array().unwrap()).collect();
    assert_eq!(rows.len(), 4);
    let past = rows.iter().find(|row| row["retailer"]["uid"] == "RTL-0001").unwrap();
    assert_eq!(
        (&past["retailer"]["name"], &past["from"]),
        (&json!("মা স্টোর"), &json!("2026-01-01T00:00:00.000000Z"))
    );
    assert_eq!((&past["endBatchId"], &past["endReason"]), (&ended["batchId"], &json!("unassigned")));
    assert!(past["until"].is_string());
    assert_eq!(rows.iter().filter(|row| row["until"].is_null()).count(), 3);
    for (query, expected) in [("to=2026-01-01", 0), ("to=2026-01-02", 4), ("from=2100-01-01", 3)] {
        let page = get(&app, "admin", &format!("{path}?{query}")).await;
        assert_eq!(page["data"].as_array().unwrap().len(), expected, "{query}");
    }
    for query in ["from=x", "to=31-01-2026", "from=2026-01-02&to=2026-01-01", "asOf=2026-01-01"] {
        assert_eq!(app.get_as("admin", &format!("{path}?{query}")).await.status(), 422, "{query}");
    }
    assert_eq!(app.get_as("sr00001", &path).await.status(), 403);
    for id in [app.fixture.theirs.rep.id, app.fixture.ours.admin.id] {
        assert_eq!(app.get_as("admin", &format!("/admin/sales-reps/{id}/assignments")).await.status(), 404);
    }
}
