//! Sales representatives, other administrators, and passwords that are told once.

use std::time::{Duration, Instant};

use haat_test_support::PASSWORD;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, Server, code, problem, soon};

const REPS: &str = "/admin/sales-reps";
const ADMINS: &str = "/admin/users";

impl App {
    /// What an administrator's request is answered, which must have this status.
    async fn by_admin(&self, method: Method, path: &str, body: &Value, status: u16) -> Value {
        let response = self.send_as("admin", method.clone(), path, body).await;
        assert_eq!(response.status(), status, "{method} {path} {body}");
        if status == 204 { Value::Null } else { response.json().await.unwrap() }
    }

    /// A new person and their first password.
    async fn hire(&self, list: &str, username: &str) -> (i64, String) {
        let body = json!({"username": username, "name": format!("Name of {username}")});
        let made = self.by_admin(Method::POST, list, &body, 201).await;
        (made["id"].as_i64().unwrap(), made["oneTimePassword"].as_str().unwrap().to_owned())
    }

    async fn log_in(&self, username: &str, password: &str) -> Response {
        let body = json!({"username": username, "password": password});
        self.server.log_in_request(&body).send().await.unwrap()
    }

    /// A token for somebody with this password.
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

    /// A number from the database.
    async fn count(&self, statement: &str) -> i64 {
        self.database.owner().await.query_one(statement, &[]).await.unwrap().get(0)
    }
}

async fn token_in(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["accessToken"].as_str().unwrap().to_owned()
}

/// Which fields a problem names, and why.
async fn faults(response: Response) -> Vec<(String, String)> {
    let problem = problem(response).await;
    let errors = problem["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_new_may_only_change_their_password_and_then_everything() {
    let app = App::new().await;
    let (_, first) = app.hire(REPS, "sr00077").await;
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
                // The second time from memory.
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
    assert_eq!(code(app.me(&old).await).await, "ended-token");
    let me: Value = app.me(new).await.json().await.unwrap();
    assert_eq!((&me["username"], &me["mustChangePassword"]), (&json!("sr00077"), &json!(false)));
    assert_eq!(app.log_in("sr00077", &first).await.status(), 401, "it was good for one time");
    assert_eq!(app.log_in("sr00077", "a better one").await.status(), 200);
    assert_eq!(app.server.get("/retailers").bearer_auth(new).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let other = app.server.token("default", "sr00001").await;
    for (current, new, expected) in [
        ("Wrong@12345", "another one", ("currentPassword", "wrong")),
        (PASSWORD, PASSWORD, ("newPassword", "same")),
        (PASSWORD, "short", ("newPassword", "invalid")),
        (PASSWORD, &"x".repeat(73), ("newPassword", "invalid")),
        (PASSWORD, "1234567\0", ("newPassword", "invalid")),
        ("", "another one", ("currentPassword", "required")),
    ] {
        let response = app.change_password(&token, current, new).await;
        assert_eq!(response.status(), 422, "{current:?} {new:?}");
        assert_eq!(faults(response).await, is(&[expected]), "{current:?} {new:?}");
    }
    assert_eq!(app.me(&token).await.status(), 200, "nothing was changed");
    let no_token = app.server.request(Method::POST, "/auth/change-password").json(&json!({})).send().await;
    assert_eq!(code(no_token.unwrap()).await, "missing-token");

    // Both begin with the same password; one of them can be right.
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
        assert_eq!(code(app.me(ended).await).await, "ended-token");
    }
    assert_eq!(app.log_in("sr00001", loser).await.status(), 401);
    assert_eq!(app.count("SELECT count(*) FROM audit_logs WHERE action = 'user.change-password'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_tokens_and_works_for_anybody_of_the_company() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let path = |id: i64| format!("/admin/users/{id}/reset-password");
    let id = app.fixture.ours.rep.id;
    let trial =
        app.by_admin(Method::POST, &format!("{}?validateOnly=true", path(id)), &Value::Null, 200).await;
    assert_eq!(trial, json!({"oneTimePassword": null}));
    assert_eq!(app.me(&token).await.status(), 200, "a trial ends nothing");

    let response = app.send_as("admin", Method::POST, &path(id), &Value::Null).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let told: Value = response.json().await.unwrap();
    let password = told["oneTimePassword"].as_str().unwrap();
    assert_eq!(code(app.me(&token).await).await, "ended-token");
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
async fn disabling_ends_every_token_at_once_everywhere_and_for_good() {
    let app = App::new().await;
    let second = Server::start(&app.database.app_url(), &[]);
    let token = app.server.token("default", "sr00001").await;
    let at_second = async || second.get("/auth/me").bearer_auth(&token).send().await.unwrap();
    assert_eq!(app.me(&token).await.status(), 200);
    assert_eq!(at_second().await.status(), 200);
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);

    assert_eq!(app.by_admin(Method::DELETE, &path, &Value::Null, 204).await, Value::Null);
    assert_eq!(code(app.me(&token).await).await, "ended-token");
    let disabled = Instant::now();
    soon(async || at_second().await.status() == 401).await;
    // Promised within 100 ms, with five times as much allowed.
    assert!(disabled.elapsed() < Duration::from_millis(500), "{:?}", disabled.elapsed());
    assert_eq!(app.log_in("sr00001", PASSWORD).await.status(), 401);
    app.by_admin(Method::DELETE, &path, &Value::Null, 204).await;
    let shown = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    assert_eq!((&shown["state"], &shown["version"]), (&json!("disabled"), &json!(2)), "twice is once");

    let enabled = app.by_admin(Method::PATCH, &path, &json!({"state": "active"}), 200).await;
    assert_eq!((&enabled["state"], &enabled["version"]), (&json!("active"), &json!(3)));
    assert_eq!(code(app.me(&token).await).await, "ended-token", "no old token comes back");
    assert_eq!(app.log_in("sr00001", PASSWORD).await.status(), 200);
    let actions = app.database.owner().await;
    let actions = actions
        .query("SELECT action FROM audit_logs WHERE entity <> 'session' ORDER BY at, id", &[])
        .await
        .unwrap();
    let actions: Vec<&str> = actions.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["user.disable", "user.enable"], "what was so already is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn load_and_limit_are_as_they_are() {
    let app = App::new().await;
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);
    let shown = async || app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    let load = |rep: &Value| [rep["load"].clone(), rep["limit"].clone(), rep["capacity"].clone()];
    assert_eq!(load(&shown().await), [json!(4), json!(120), json!(null)]);
    let changed = app.by_admin(Method::PATCH, &path, &json!({"capacity": 1}), 200).await;
    assert_eq!(load(&changed), [json!(4), json!(1), json!(1)], "below the load takes nothing away");
    app.by_admin(Method::PATCH, &path, &json!({"capacity": 0}), 200).await;
    assert_eq!(load(&shown().await), [json!(4), json!(0), json!(0)]);
    app.by_admin(Method::PATCH, &path, &json!({"capacity": null}), 200).await;
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE tenants SET default_capacity = 70 WHERE slug = 'default'").await.unwrap();
    assert_eq!(load(&shown().await), [json!(4), json!(70), json!(null)]);
    let unassign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0001"]}]});
    app.by_admin(Method::POST, "/admin/assignments/bulk-unassign", &unassign, 200).await;
    let page = app.by_admin(Method::GET, REPS, &Value::Null, 200).await;
    let loads: Vec<(&str, i64)> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rep| (rep["username"].as_str().unwrap(), rep["load"].as_i64().unwrap()))
        .collect();
    assert_eq!(loads, [("sr00001", 3), ("sr00002", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_walked_and_searched() {
    let app = App::new().await;
    for body in [
        json!({"username": "zz-1", "name": "মো: রহিম", "employeeCode": "E-17", "phone": "01911-223344"}),
        json!({"username": "zz-2", "name": "Karim", "employeeCode": "e_18"}),
        json!({"username": "zz-3", "name": "Karim", "employeeCode": "F-1"}),
    ] {
        app.by_admin(Method::POST, REPS, &body, 201).await;
    }
    let found = async |query: &str| {
        let page = app.by_admin(Method::GET, &format!("{REPS}?{query}"), &Value::Null, 200).await;
        let data = page["data"].as_array().unwrap();
        data.iter().map(|rep| rep["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["zz-2", "zz-3", "sr00001", "sr00002", "zz-1"], "by name, then by id");
    assert_eq!(found("q=KAR").await, ["zz-2", "zz-3"]);
    assert_eq!(found("q=র").await, ["zz-1"], "one letter is enough");
    assert_eq!(found("q=e_1").await, ["zz-2"], "no pattern");
    assert_eq!(found("q=০১৯১১-২২৩৩").await, ["zz-1"]);
    assert_eq!(found("q=sr00001@EX").await, ["sr00001"]);
    assert_eq!(found("q=F-1").await, ["zz-3"]);
    assert_eq!(found("q=admin").await, Vec::<String>::new(), "an administrator is none of them");
    let path = format!("{REPS}/{}", app.fixture.ours.other_rep.id);
    app.by_admin(Method::PATCH, &path, &json!({"state": "disabled", "name": "Abdul"}), 200).await;
    assert_eq!(found("state=disabled").await, ["sr00002"]);
    assert_eq!(found("q=abdul").await, ["sr00002"], "found by the new name");
    assert_eq!(found("state=active&q=uddin").await, ["sr00001"]);

    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{REPS}?limit=1{cursor}");
        let page = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
        walked.push(page["data"][0]["username"].as_str().unwrap().to_owned());
        match page["page"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, found("").await);
    let response = app.get_as("admin", &format!("{ADMINS}?limit=1{cursor}")).await;
    assert_eq!(code(response).await, "invalid-cursor");
    let admins = app.by_admin(Method::GET, ADMINS, &Value::Null, 200).await;
    assert_eq!(admins["data"].as_array().unwrap().len(), 1);
    let admin = &admins["data"][0];
    assert_eq!((&admin["username"], &admin["role"]), (&json!("admin"), &json!("admin")));
    assert!(admin.get("load").is_none() && admin.get("employeeCode").is_none());
    assert!(!admins.to_string().contains("$2b$"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_a_representatives_shops_as_they_do() {
    let app = App::new().await;
    let shops = format!("{REPS}/{}/retailers", app.fixture.ours.rep.id);
    for query in ["", "?page=2&limit=3", "?q=মা&sort=-points&includeTotal=true", "?fields=uid,points&limit=2"]
    {
        let own: Value = app.get_as("sr00001", &format!("/retailers{query}")).await.json().await.unwrap();
        assert!(!own["data"].as_array().unwrap().is_empty(), "{query}");
        let seen = app.by_admin(Method::GET, &format!("{shops}{query}"), &Value::Null, 200).await;
        assert_eq!(seen, own, "{query}");
    }
    let unassign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0001"]}]});
    app.by_admin(Method::POST, "/admin/assignments/bulk-unassign", &unassign, 200).await;
    let seen = app.by_admin(Method::GET, &shops, &Value::Null, 200).await;
    assert_eq!(seen["data"].as_array().unwrap().len(), 3, "at once");
    for id in [app.fixture.ours.admin.id, app.fixture.theirs.rep.id, 999_999] {
        let response = app.get_as("admin", &format!("{REPS}/{id}/retailers")).await;
        assert_eq!(code(response).await, "not-found", "{id}");
    }
    assert_eq!(code(app.get_as("admin", &format!("{REPS}/me/retailers")).await).await, "not-found");
    assert_eq!(code(app.get_as("sr00001", &shops).await).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_or_taken_is_told_at_once_and_changes_nothing() {
    let app = App::new().await;
    let before = app.count("SELECT count(*) FROM users").await;
    let bad = json!({
        "username": "0123", "name": "\u{200B} ", "phone": "5", "email": "@", "employeeCode": "\t", "capacity": -1,
        "password": "x", "role": "admin",
    });
    let response = app.send_as("admin", Method::POST, REPS, &bad).await;
    assert_eq!(response.status(), 422);
    let invalid = ["username", "name", "phone", "email", "employeeCode", "capacity"];
    let mut expected: Vec<_> = invalid.iter().map(|field| (*field, "invalid")).collect();
    expected.extend([("password", "unknown-field"), ("role", "unknown-field")]);
    assert_eq!(faults(response).await, is(&expected));
    for name in ["a\nb".to_owned(), "a\0b".to_owned(), "ক".repeat(300)] {
        let response =
            app.send_as("admin", Method::POST, ADMINS, &json!({"username": "abc", "name": name})).await;
        assert_eq!(faults(response).await, is(&[("name", "invalid")]));
    }

    let code_of = json!({"employeeCode": "E-1"});
    app.by_admin(Method::PATCH, &format!("{REPS}/{}", app.fixture.ours.rep.id), &code_of, 200).await;
    let taken = json!({
        "username": "ADMIN", "name": "x", "phone": "01811000001", "email": "SR00002@example.com", "employeeCode": "E-1",
    });
    let all = ["username", "phone", "email", "employeeCode"].map(|field| (field, "taken"));
    let other = format!("{REPS}/{}", app.fixture.ours.other_rep.id);
    let response = app.send_as("admin", Method::POST, REPS, &taken).await;
    assert_eq!(response.status(), 409);
    assert_eq!(faults(response).await, is(&all));
    let phone = json!({"username": "fresh", "name": "x", "phone": "01811000001"});
    let body = problem(app.send_as("admin", Method::POST, REPS, &phone).await).await;
    assert_eq!(
        body["detail"], "phone: belongs to somebody else",
        "the title alone does not say what is taken"
    );
    let only_code = json!({"username": "fresh", "name": "x", "employeeCode": "E-1"});
    let response = app.send_as("admin", Method::POST, REPS, &only_code).await;
    assert_eq!(faults(response).await, is(&[("employeeCode", "taken")]));
    let response = app.send_as("admin", Method::PATCH, &other, &taken).await;
    assert_eq!(response.status(), 409);
    // Their own address is not taken.
    assert_eq!(faults(response).await, is(&[all[0], all[1], all[3]]));
    assert_eq!(app.count("SELECT count(*) FROM users").await, before);
    assert_eq!(app.count("SELECT count(*) FROM audit_logs WHERE entity <> 'session'").await, 1, "the code");
    assert_eq!(app.by_admin(Method::GET, &other, &Value::Null, 200).await["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_one_name_at_once_one_gets_it() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let send = async |method: Method, path: String, body: Value| {
        let request = app.server.request(method, &path).bearer_auth(&token).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    for round in 0..5 {
        let body = json!({"username": format!("twin{round}"), "name": "Twin"});
        let hire = || send(Method::POST, REPS.to_owned(), body.clone());
        let made: [u16; 4] = tokio::join!(hire(), hire(), hire(), hire()).into();
        assert_eq!(made.iter().filter(|status| **status == 201).count(), 1, "{made:?}");
        assert_eq!(made.iter().filter(|status| **status == 409).count(), 3, "{made:?}");

        let code = json!({"employeeCode": format!("E-{round}"), "username": format!("new{round}")});
        let [one, two] = [&app.fixture.ours.rep, &app.fixture.ours.other_rep].map(|rep| rep.id);
        let change = |id: i64| send(Method::PATCH, format!("{REPS}/{id}"), code.clone());
        let mut changed: [u16; 2] = tokio::join!(change(one), change(two)).into();
        changed.sort_unstable();
        assert_eq!(changed, [200, 409]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_disables_themselves_so_an_administrator_is_left() {
    let app = App::new().await;
    let own = format!("{ADMINS}/{}", app.fixture.ours.admin.id);
    for (method, body) in
        [(Method::DELETE, Value::Null), (Method::PATCH, json!({"state": "disabled", "name": "x"}))]
    {
        let response = app.send_as("admin", method, &own, &body).await;
        assert_eq!(response.status(), 409);
        assert_eq!(code(response).await, "yourself");
    }
    assert_eq!(app.by_admin(Method::PATCH, &own, &json!({"name": "Boss"}), 200).await["name"], "Boss");

    let (id, first) = app.hire(ADMINS, "second").await;
    let theirs = format!("{ADMINS}/{id}");
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
    // Either each waited for the other and one gave up, or one was too late.
    assert!([401, 503].contains(&statuses[1]), "{statuses:?}");
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE tenant_id = 1 AND role = 'admin' AND state = 'active'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_or_hash_is_kept_or_logged() {
    let mut app = App::with(&[("HAAT_LOG", "debug")]).await;
    let token = app.server.token("default", "admin").await;
    let hire = || {
        let request = app.server.request(Method::POST, REPS).bearer_auth(&token);
        request.header("idempotency-key", "k-1").json(&json!({"username": "sr00099", "name": "R"})).send()
    };
    let first = hire().await.unwrap();
    assert_eq!(first.status(), 201);
    assert_eq!(first.headers()["cache-control"], "no-store");
    let location = first.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = first.json().await.unwrap();
    assert_eq!(location, format!("{REPS}/{}", made["id"]));
    let again = hire().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["location"].to_str().unwrap()), (201, &*location));
    let again: Value = again.json().await.unwrap();
    let mut expected = made.clone();
    let first = expected["oneTimePassword"].take().as_str().unwrap().to_owned();
    assert_eq!(again, expected, "the same without the secret");
    let reset = format!("{ADMINS}/{}/reset-password", made["id"]);
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
async fn a_change_is_guarded_and_a_trial_changes_nothing() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let path = format!("{REPS}/{}", app.fixture.ours.rep.id);
    let before = app.by_admin(Method::GET, &path, &Value::Null, 200).await;
    let trial = json!({"username": "maybe", "name": "May Be"});
    let response = app.send_as("admin", Method::POST, &format!("{REPS}?validateOnly=true"), &trial).await;
    assert_eq!(response.status(), 200);
    let shown: Value = response.json().await.unwrap();
    assert_eq!((&shown["id"], &shown["oneTimePassword"]), (&Value::Null, &Value::Null));
    assert_eq!((&shown["username"], &shown["limit"]), (&json!("maybe"), &json!(120)));
    let trial = app.by_admin(Method::DELETE, &format!("{path}?validateOnly=true"), &Value::Null, 200).await;
    assert_eq!(trial["state"], "disabled");
    let would = json!({"name": "Another"});
    app.by_admin(Method::PATCH, &format!("{path}?validateOnly=true"), &would, 200).await;
    app.by_admin(Method::PATCH, &path, &json!({"name": before["name"], "username": "SR00001"}), 200).await;
    assert_eq!(app.by_admin(Method::GET, &path, &Value::Null, 200).await, before);
    let lines =
        "SELECT (SELECT count(*) FROM audit_logs WHERE entity <> 'session') + (SELECT count(*) FROM changes)";
    assert_eq!(app.count(lines).await, 0, "nothing was changed");

    let send = async |method: Method, expected: &str, body: &Value| {
        let request = app.server.request(method, &path).bearer_auth(&token).header("if-match", expected);
        request.json(body).send().await.unwrap()
    };
    let etag = app.get_as("admin", &path).await.headers()["etag"].to_str().unwrap().to_owned();
    let changed = send(Method::PATCH, &etag, &json!({"name": "Rahim Uddin Ahmed"})).await;
    assert_eq!(changed.status(), 200);
    let new_etag = changed.headers()["etag"].to_str().unwrap().to_owned();
    assert!(new_etag.starts_with("\"2-"));
    assert_eq!(app.get_as("admin", &path).await.headers()["etag"], new_etag, "as it is read");
    for method in [Method::PATCH, Method::DELETE] {
        let stale = send(method, &etag, &json!({"name": "Too late"})).await;
        assert_eq!(code(stale).await, "precondition-failed");
    }
    let request = app.server.get(&path).bearer_auth(&token).header("if-none-match", &new_etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
    assert_eq!(app.count(lines).await, 2);
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
    // Somebody with a new name logs in by it.
    app.by_admin(Method::PATCH, &path, &json!({"username": "rahim"}), 200).await;
    assert_eq!(app.log_in("rahim", PASSWORD).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_others_are_not_there_and_representatives_may_not_look() {
    let app = App::new().await;
    let (ours, theirs) = (&app.fixture.ours, &app.fixture.theirs);
    for path in [
        format!("{REPS}/{}", theirs.rep.id),
        format!("{REPS}/{}", ours.admin.id),
        format!("{ADMINS}/{}", theirs.admin.id),
        format!("{ADMINS}/{}", ours.rep.id),
        format!("{ADMINS}/x"),
    ] {
        for (method, body) in [
            (Method::GET, Value::Null),
            (Method::PATCH, json!({"name": "Mine"})),
            (Method::DELETE, Value::Null),
        ] {
            let response = app.send_as("admin", method.clone(), &path, &body).await;
            assert_eq!(code(response).await, "not-found", "{method} {path}");
        }
    }
    let theirs_untouched = "SELECT count(*) FROM users WHERE name = 'Rahim Uddin' AND state = 'active'";
    assert_eq!(app.count(theirs_untouched).await, 6);
    for list in [REPS, ADMINS] {
        for (method, path) in [
            (Method::GET, list.to_owned()),
            (Method::POST, list.to_owned()),
            (Method::GET, format!("{list}/1")),
            (Method::PATCH, format!("{list}/1")),
            (Method::DELETE, format!("{list}/1")),
        ] {
            // Before anything is said of the body, or of who is there.
            let body = if method == Method::GET { Value::Null } else { json!({"nonsense": true}) };
            let response = app.send_as("sr00001", method.clone(), &path, &body).await;
            assert_eq!(code(response).await, "forbidden", "{method} {path}");
        }
    }
}
