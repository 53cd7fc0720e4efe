//! Roles of users: granting and taking them, and what they permit.

use std::time::Duration;

use haat_test_support::PASSWORD_HASH;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{App, code, eventually, problem};

impl App {
    /// Adds a user of the tenant `default` without roles, who can log in with the password of the fixture.
    async fn add_user(&self, username: &str) -> i64 {
        let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role, scoped) \
                      VALUES ($1, $2, $2, $3, 'sales_rep', TRUE) RETURNING id";
        let owner = self.database.owner().await;
        owner.query_one(insert, &[&self.fixture.ours.tenant, &username, &PASSWORD_HASH]).await.unwrap().get(0)
    }

    /// Changes the roles of a user as `admin`, asserts success and returns the roles.
    pub(crate) async fn change_roles(&self, method: Method, user: i64, roles: &Value) -> Vec<String> {
        let body = json!({"roles": roles});
        let response = self.send_as("admin", method, &format!("/users/{user}/roles"), &body).await;
        assert_eq!(response.status(), 200, "{roles}");
        roles_in(response).await
    }
}

/// The roles of a list of grants, each as `role` or `role:target`.
async fn roles_in(response: Response) -> Vec<String> {
    let body: Value = response.json().await.unwrap();
    let text = |grant: &Value| {
        let role = grant["role"].as_str().unwrap();
        let target = grant["target"]["id"].as_i64().map(|id| id.to_string());
        match target.or_else(|| grant["target"]["uid"].as_str().map(str::to_owned)) {
            None => role.to_owned(),
            Some(target) => format!("{role}:{target}"),
        }
    };
    body["data"].as_array().unwrap().iter().map(text).collect()
}

/// The sales map of a test: two regions and three areas.
pub(crate) struct Map {
    pub(crate) region: i64,
    pub(crate) other_region: i64,
    pub(crate) area: i64,
    pub(crate) other_area: i64,
    pub(crate) far_area: i64,
}

impl Map {
    /// Adds an area with retailers 5 and 6 to the region of the fixture, and a region with an area and no retailer.
    pub(crate) async fn of(app: &App) -> Self {
        let owner = app.database.owner().await;
        let tenant = app.fixture.ours.tenant;
        let id = async |statement: &str, parameter: i64| -> i64 {
            owner.query_one(statement, &[&tenant, &parameter]).await.unwrap().get(0)
        };
        let region = id("SELECT id FROM regions WHERE tenant_id = $1 AND $2::bigint >= 0", 0).await;
        let area = id("SELECT id FROM areas WHERE tenant_id = $1 AND $2::bigint >= 0", 0).await;
        let add = "INSERT INTO areas (tenant_id, name, region_id) VALUES ($1, 'Tongi', $2) RETURNING id";
        let other_area = id(add, region).await;
        let add =
            "INSERT INTO territories (tenant_id, name, area_id) VALUES ($1, 'Tongi East', $2) RETURNING id";
        let territory = id(add, other_area).await;
        let add =
            "INSERT INTO regions (tenant_id, name) SELECT $1, 'North' WHERE $2::bigint >= 0 RETURNING id";
        let other_region = id(add, 0).await;
        let add = "INSERT INTO areas (tenant_id, name, region_id) VALUES ($1, 'Rangpur', $2) RETURNING id";
        let far_area = id(add, other_region).await;
        let relocate = "UPDATE retailers SET area_id = $2, territory_id = $3 \
                         WHERE tenant_id = $1 AND uid IN ('RTL-0005', 'RTL-0006')";
        owner.execute(relocate, &[&tenant, &other_area, &territory]).await.unwrap();
        let feed =
            "INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES ($1, 'tenant', $1, 'test')";
        owner.execute(feed, &[&tenant]).await.unwrap();
        Self { region, other_region, area, other_area, far_area }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_replaces_and_removes_roles() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let user = app.add_user("nila").await;
    let area = format!("area_manager:{}", map.area);
    let other = format!("area_manager:{}", map.other_area);
    let region = format!("regional_manager:{}", map.other_region);
    let grant = json!([{"role": "area_manager", "areas": [map.area]}]);
    assert_eq!(app.change_roles(Method::POST, user, &grant).await, std::slice::from_ref(&area));
    let again = app.change_roles(Method::POST, user, &grant).await;
    assert_eq!(again, std::slice::from_ref(&area), "the same again");
    let more = json!([
        {"role": "area_manager", "areas": [map.other_area, map.other_area]},
        {"role": "regional_manager", "regions": [map.other_region]}
    ]);
    assert_eq!(app.change_roles(Method::POST, user, &more).await, [region.clone(), area, other.clone()]);
    let response = app.get_as("admin", &format!("/users/{user}")).await;
    let etag = response.headers()["etag"].to_str().unwrap().to_owned();
    let account: Value = response.json().await.unwrap();
    assert_eq!(account["role"], "regional_manager");
    assert_eq!(account["roles"], json!(["regional_manager", "area_manager"]));
    let path = format!("/users/{user}/roles");
    let list = app.get_as("admin", &path).await;
    let version = |etag: &str| etag.split('-').next().unwrap().to_owned();
    let listed = version(list.headers()["etag"].to_str().unwrap());
    assert_eq!(listed, version(&etag), "the version is that of the user");
    let list: Value = list.json().await.unwrap();
    let first = &list["data"][0];
    assert_eq!(
        first["target"],
        json!({"kind": "region", "id": map.other_region, "uid": null, "name": "North"})
    );
    assert_eq!(first["grantedBy"]["username"], "admin");
    let one = format!("{path}/{}", first["id"]);
    let response = app.send_as("admin", Method::DELETE, &one, &Value::Null).await;
    assert_eq!(roles_in(response).await.len(), 2);
    assert_eq!(app.send_as("admin", Method::DELETE, &one, &Value::Null).await.status(), 404);
    let one = json!([{"role": "area_manager", "areas": [map.other_area]}]);
    assert_eq!(app.change_roles(Method::PUT, user, &one).await, [other]);
    assert_eq!(app.change_roles(Method::PUT, user, &json!(["sr"])).await, ["sales_rep"]);
    assert_eq!(app.change_roles(Method::PUT, user, &json!([])).await, Vec::<String>::new());
    let actions =
        "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_logs WHERE entity = 'user' AND entity_id = $1";
    let row = app.database.owner().await.query_one(actions, &[&user.to_string()]).await.unwrap();
    assert_eq!(
        row.get::<_, String>(0),
        "user.grant user.grant user.revoke user.revoke user.revoke user.grant user.revoke"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_roles_that_a_user_cannot_have() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let user = app.add_user("nila").await;
    let path = format!("/users/{user}/roles");
    let post = async |roles: Value| app.send_as("admin", Method::POST, &path, &json!({"roles": roles})).await;
    let unknown = post(json!([{"role": "area_manager", "areas": [map.area, 999]}])).await;
    let theirs: i64 = app
        .database
        .owner()
        .await
        .query_one("SELECT id FROM areas WHERE tenant_id = $1", &[&app.fixture.theirs.tenant])
        .await
        .unwrap()
        .get(0);
    let foreign = post(json!([{"role": "area_manager", "areas": [theirs]}])).await;
    assert_eq!((unknown.status(), foreign.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let (unknown, foreign) = (problem(unknown).await, problem(foreign).await);
    assert_eq!(unknown["errors"][0]["code"], "not-found");
    let message = |problem: &Value, id: i64| {
        problem["errors"][0]["message"].as_str().unwrap().replace(&id.to_string(), "N")
    };
    assert_eq!(
        message(&unknown, 999),
        message(&foreign, theirs),
        "another tenant's looks like an unknown one"
    );
    let mixed = json!([{"role": "area_manager", "areas": [map.area]}, "sales_rep"]);
    let response = post(mixed).await;
    assert_eq!((response.status().as_u16(), code(response).await.as_str()), (422, "incompatible-roles"));
    app.change_roles(Method::POST, user, &json!([{"role": "area_manager", "areas": [map.area]}])).await;
    assert_eq!(code(post(json!(["sales_rep"])).await).await, "incompatible-roles", "with the present ones");
    assert_eq!(code(post(json!([{"role": "area_manager"}])).await).await, "invalid-fields");
    assert_eq!(post(json!(["admin"])).await.status(), 200, "a tenant-wide role absorbs those of staff");
    let own = format!("/users/{}/roles", app.fixture.ours.admin.id);
    let response = app.send_as("admin", Method::PUT, &own, &json!({"roles": ["national_manager"]})).await;
    assert_eq!((response.status().as_u16(), code(response).await.as_str()), (409, "cannot-target-self"));
    let response = post(json!(["super_admin"])).await;
    assert_eq!(response.status(), 403, "not over HTTP");
    let response = app.send_as("sr00001", Method::POST, &path, &json!({"roles": ["admin"]})).await;
    assert_eq!(response.status(), 403);
    let other = format!("/users/{}/roles", app.fixture.theirs.admin.id);
    assert_eq!(app.get_as("admin", &other).await.status(), 404, "a user of another tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_the_present_roles_without_a_new_login() {
    let app = App::new().await;
    let rep = app.fixture.ours.rep.id;
    let token = app.server.token("default", "sr00001").await;
    let get = async |path: &str| app.server.get(path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(get("/retailers").await.status(), 200);
    app.change_roles(Method::PUT, rep, &json!([])).await;
    // Another process may serve the next request, so allow the time that changes have to arrive.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(get("/retailers").await.status(), 403, "no role, although retailers are still assigned");
    let patch = app.server.request(Method::PATCH, "/retailers/RTL-0001").bearer_auth(&token);
    assert_eq!(patch.json(&json!({"points": 1})).send().await.unwrap().status(), 403);
    app.change_roles(Method::PUT, rep, &json!(["admin"])).await;
    eventually(async || get("/admin/settings").await.status() == 200).await;
    app.change_roles(Method::PUT, rep, &json!(["agent"])).await;
    eventually(async || get("/admin/settings").await.status() == 403).await;
    let own: Value = get("/retailers?includeTotal=true").await.json().await.unwrap();
    assert_eq!(own["page"]["total"], 4, "the same token works with the new role");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_users_by_any_of_their_roles() {
    let app = App::new().await;
    app.change_roles(Method::POST, app.fixture.ours.rep.id, &json!(["admin"])).await;
    let names = async |query: &str| -> Vec<String> {
        let list: Value = app.get_as("admin", &format!("/users{query}")).await.json().await.unwrap();
        let users = list["data"].as_array().unwrap().iter();
        users.map(|user| user["username"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("?role=admin").await, ["admin", "sr00001"]);
    assert_eq!(names("?role=sales_rep").await, ["sr00001", "sr00002"], "also as a second role");
    assert_eq!(names("?role=salesperson").await, ["sr00001", "sr00002"], "by an alias");
    assert_eq!(names("").await, ["admin", "sr00001", "sr00002"]);
    let aliased: Value = app.get_as("admin", "/admin/users?role=admin").await.json().await.unwrap();
    assert_eq!(aliased["data"].as_array().unwrap().len(), 2);
    let reps: Value = app.get_as("admin", "/admin/sales-reps").await.json().await.unwrap();
    assert_eq!(reps["data"].as_array().unwrap().len(), 2, "an administrator who is also a sales rep");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_sales_rep_keeps_retailers_but_gets_no_more() {
    let app = App::new().await;
    let rep = app.fixture.ours.rep.id;
    app.change_roles(Method::PUT, rep, &json!([])).await;
    assert_eq!(app.get_as("admin", &format!("/admin/sales-reps/{rep}")).await.status(), 404);
    let assign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0006"]}]});
    let response = app.send_as("admin", Method::POST, "/admin/assignments/bulk", &assign).await;
    let text = response.text().await.unwrap();
    assert!(text.contains("disabled") || text.contains("refused"), "{text}");
    let transfer = json!({"from": "sr00001", "to": ["sr00002"]});
    let response = app.send_as("admin", Method::POST, "/admin/assignments/transfer", &transfer).await;
    assert_eq!(response.status(), 200, "the retailers can be given to others");
    app.change_roles(Method::PUT, rep, &json!(["sales_rep"])).await;
    assert_eq!(app.get_as("admin", &format!("/admin/sales-reps/{rep}")).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_gets_roles_and_a_status() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let body = json!({
        "username": "karima", "firstName": "Karima", "lastName": "Begum",
        "roles": [{"role": "area_manager", "areas": [map.area, map.far_area]}]
    });
    let response = app.send_as("admin", Method::POST, "/users", &body).await;
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = response.json().await.unwrap();
    assert_eq!((&created["name"], &created["roles"]), (&json!("Karima Begum"), &json!(["area_manager"])));
    assert_eq!(created["version"], 1);
    let reserved = json!({"username": "Support.x", "name": "X", "roles": ["admin"]});
    let response = app.send_as("admin", Method::POST, "/users", &reserved).await;
    assert_eq!(code(response).await, "already-exists", "reserved");
    let response = app.send_as("admin", Method::PATCH, &location, &json!({"username": "support.x"})).await;
    assert_eq!(code(response).await, "already-exists", "reserved");
    let audited = "SELECT after->>'roles' FROM audit_logs WHERE action = 'user.create' AND entity_id = $1";
    let id = created["id"].to_string();
    let row = app.database.owner().await.query_one(audited, &[&id]).await.unwrap();
    let roles = json!([format!("area_manager:{}", map.area), format!("area_manager:{}", map.far_area)]);
    assert_eq!(serde_json::from_str::<Value>(row.get(0)).unwrap(), roles);
    assert_eq!(app.get_as("admin", &location).await.status(), 200);
    let status = format!("/admin{location}/status");
    for (word, state) in [("suspended", "disabled"), ("active", "active")] {
        let response = app.send_as("admin", Method::PUT, &status, &json!({"status": word})).await;
        let user: Value = response.json().await.unwrap();
        assert_eq!(user["state"], state);
    }
    let own = format!("/admin/users/{}/status", app.fixture.ours.admin.id);
    let response = app.send_as("admin", Method::PUT, &own, &json!({"status": "suspended"})).await;
    assert_eq!(code(response).await, "cannot-target-self");
    let put = app.send_as("admin", Method::PUT, &location, &json!({"firstName": null})).await;
    let user: Value = put.json().await.unwrap();
    assert_eq!(
        (&user["firstName"], &user["lastName"]),
        (&Value::Null, &json!("Begum")),
        "absent is unchanged"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_who_demote_each_other_leave_one() {
    let app = App::new().await;
    for _ in 0..5 {
        app.change_roles(Method::PUT, app.fixture.ours.rep.id, &json!(["admin"])).await;
        let (admin, rep) = (app.fixture.ours.admin.id, app.fixture.ours.rep.id);
        let tokens =
            (app.server.token("default", "admin").await, app.server.token("default", "sr00001").await);
        let demote = async |token: &str, user: i64| {
            let request = app.server.request(Method::PUT, &format!("/users/{user}/roles")).bearer_auth(token);
            request.json(&json!({"roles": ["sales_rep"]})).send().await.unwrap().status().as_u16()
        };
        let (one, other) = tokio::join!(demote(&tokens.0, rep), demote(&tokens.1, admin));
        let succeeded = [one, other].iter().filter(|status| **status == 200).count();
        assert!(succeeded <= 1, "{one} {other}");
        assert!([one, other].iter().all(|status| [200, 403, 409, 503].contains(status)), "{one} {other}");
        let admins = "SELECT count(*) FROM user_roles WHERE tenant_id = $1 AND role = 'admin'";
        let owner = app.database.owner().await;
        let count: i64 = owner.query_one(admins, &[&app.fixture.ours.tenant]).await.unwrap().get(0);
        assert!(count >= 1, "{one} {other}");
        haat_test_support::set_role(&owner, admin, "admin").await;
        haat_test_support::set_role(&owner, rep, "sales_rep").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_roles_with_their_permissions() {
    let app = App::new().await;
    let roles: Value = app.get_as("sr00001", "/roles").await.json().await.unwrap();
    let roles = roles["data"].as_array().unwrap();
    assert_eq!(roles.len(), 9);
    assert!(roles.iter().all(|role| role["grantable"] == false), "a sales rep grants nothing");
    let roles: Value = app.get_as("admin", "/roles").await.json().await.unwrap();
    let grantable = roles["data"].as_array().unwrap().iter().filter(|role| role["grantable"] == true).count();
    assert_eq!(grantable, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_to_logins_have_the_roles_and_the_team() {
    let app = App::new().await;
    let rep = app.fixture.ours.rep.id;
    let team = json!({"name": "North", "members": [rep]});
    let team: Value = app.send_as("admin", Method::POST, "/teams", &team).await.json().await.unwrap();
    let team = json!({"id": team["id"], "name": "North"});
    let login_of = async |username: &str| -> Value {
        let body = json!({"username": username, "password": haat_test_support::PASSWORD});
        let response = app.server.log_in_request(&body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{username}");
        response.json().await.unwrap()
    };
    let facts = |user: &Value| json!({"role": user["role"], "roles": user["roles"], "team": user["team"], "state": user["state"]});
    let expected = json!({"role": "sales_rep", "roles": ["sales_rep"], "team": team, "state": "active"});
    let login = login_of("sr00001").await;
    assert_eq!(facts(&login["user"]), expected);
    let body = json!({"refreshToken": login["refreshToken"]});
    let refreshed = app.server.request(Method::POST, "/auth/refresh").json(&body).send().await.unwrap();
    assert_eq!(facts(&refreshed.json::<Value>().await.unwrap()["user"]), expected);
    let me: Value = app.get_as("sr00001", "/auth/me").await.json().await.unwrap();
    assert_eq!(facts(&me), expected);
    let leader = json!([{"role": "team_leader", "teams": [team["id"]]}]);
    app.change_roles(Method::POST, rep, &leader).await;
    let login = login_of("sr00001").await;
    assert_eq!(login["user"]["roles"], json!(["team_leader", "sales_rep"]), "each once, the highest first");
    assert_eq!(facts(&login_of("sr00002").await["user"])["team"], Value::Null);
    // Logins name outside roles as the applications of distributors and retailers do; everything else has the code.
    let owner = app.database.owner().await;
    let id = async |table: &str| -> i64 {
        let first = format!("SELECT min(id) FROM {table} WHERE tenant_id = $1");
        owner.query_one(&first, &[&app.fixture.ours.tenant]).await.unwrap().get(0)
    };
    let distributor = json!([{"role": "distributor_user", "distributors": [id("distributors").await]}]);
    let retailer = json!([{"role": "retailer_user", "retailers": ["RTL-0001"]}]);
    for (username, grants, role, shown) in [
        ("vendor", distributor, "distributor_user", "supplier"),
        ("shop", retailer, "retailer_user", "buyer"),
    ] {
        let user = app.add_user(username).await;
        app.change_roles(Method::PUT, user, &grants).await;
        let login = login_of(username).await;
        let expected = json!({"role": shown, "roles": [role], "team": null, "state": "active"});
        assert_eq!(facts(&login["user"]), expected);
        let me: Value = app.get_as(username, "/auth/me").await.json().await.unwrap();
        assert_eq!((&me["role"], &me["roles"]), (&json!(role), &json!([role])));
    }
}
