//! Repeated requests: a stored response is returned only while its object is in the caller's scope.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::roles::Map;
use crate::scopes::{add_manager, two_distributors};
use crate::support::{App, Server};

/// A user who sends each request with a key of its own.
struct Sender<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> Sender<'a> {
    async fn new(app: &'a App, username: &str) -> Self {
        Self { server: &app.server, token: app.server.token("default", username).await }
    }

    async fn send(&self, (method, path, body): &(Method, String, Value)) -> Response {
        let key = format!("{method}-{path}").replace('/', "-");
        let request = self.server.request(method.clone(), path).bearer_auth(&self.token);
        let request = if body.is_null() { request } else { request.json(body) };
        request.header("idempotency-key", key).send().await.unwrap()
    }

    /// Returns the status of each repeated request, and whether it was replayed.
    async fn repeat(&self, requests: &[(Method, String, Value)]) -> Vec<(u16, bool)> {
        let mut statuses = Vec::new();
        for request in requests {
            let response = self.send(request).await;
            let is_replayed = response.headers().contains_key("idempotency-replayed");
            statuses.push((response.status().as_u16(), is_replayed));
        }
        statuses
    }
}

/// Runs statements as the owner of the database and lets them reach the caches of the server.
async fn write(app: &App, statements: &str) {
    let tenant = app.fixture.ours.tenant;
    let feed = format!(
        "INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES ({tenant}, 'tenant', {tenant}, 'test')"
    );
    let transaction = format!("BEGIN; {statements}; {feed}; COMMIT");
    app.database.owner().await.batch_execute(&transaction).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_replay_a_response_for_a_retailer_out_of_scope() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let (tenant, rep) = (app.fixture.ours.tenant, app.fixture.ours.rep.id);
    let area = add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    let team = json!({"name": "North", "members": [rep]});
    let team: Value = app.send_as("admin", Method::POST, "/teams", &team).await.json().await.unwrap();
    let leader = add_manager(&app, "leader", "team_leader", "team_id", team["id"].as_i64().unwrap()).await;
    let change = [(Method::PATCH, "/retailers/RTL-0001".to_owned(), json!({"points": 9}))];
    let senders = [Sender::new(&app, "area").await, Sender::new(&app, "leader").await];
    for sender in &senders {
        assert_eq!(sender.repeat(&change).await, [(200, false)]);
        assert_eq!(sender.repeat(&change).await, [(200, true)]);
    }
    let relocate = |area: i64| {
        format!(
            "UPDATE retailers SET area_id = {area}, region_id = (SELECT region_id FROM areas WHERE tenant_id = {tenant} AND id = {area}), \
                 territory_id = (SELECT min(id) FROM territories WHERE tenant_id = {tenant} AND area_id = {area}) \
                 WHERE tenant_id = {tenant} AND uid = 'RTL-0001'"
        )
    };
    write(&app, &relocate(map.other_area)).await;
    assert_eq!(senders[0].repeat(&change).await, [(404, false)], "the retailer has left the area");
    write(&app, &relocate(map.area)).await;
    assert_eq!(senders[0].repeat(&change).await, [(200, true)]);
    let member = format!("/teams/{}/members/{rep}", team["id"]);
    assert_eq!(app.send_as("admin", Method::DELETE, &member, &Value::Null).await.status(), 204);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(senders[1].repeat(&change).await, [(404, false)], "the sales rep has left the team");
    // Another area in place of the present one, and no role.
    let other = json!({"roles": [{"role": "area_manager", "areas": [map.far_area]}]});
    let none = json!({"roles": []});
    for (user, sender, roles, status) in
        [(area, &senders[0], &other, 404), (area, &senders[0], &none, 403), (leader, &senders[1], &none, 403)]
    {
        let path = format!("/users/{user}/roles");
        assert_eq!(app.send_as("admin", Method::PUT, &path, roles).await.status(), 200);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        assert_eq!(sender.repeat(&change).await, [(status, false)], "{roles}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_replay_a_response_for_a_team_out_of_scope() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let (rep, other) = (app.fixture.ours.rep.id, app.fixture.ours.other_rep.id);
    let area = add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    let by_admin = async |method: Method, path: &str, body: Value| -> Value {
        let response = app.send_as("admin", method, path, &body).await;
        assert!(response.status().is_success(), "{path} {}", response.text().await.unwrap());
        response.json().await.unwrap_or_default()
    };
    let team = json!({"name": "North", "area": map.area, "members": [rep]});
    let team = by_admin(Method::POST, "/teams", team).await["id"].as_i64().unwrap();
    let second = json!({"name": "Second", "area": map.area, "members": [other]});
    let second = by_admin(Method::POST, "/teams", second).await["id"].as_i64().unwrap();
    let closing = json!({"name": "Closing", "area": map.area});
    let closing = by_admin(Method::POST, "/teams", closing).await["id"].as_i64().unwrap();
    let sender = Sender::new(&app, "area").await;
    let requests = [
        (Method::POST, "/teams".to_owned(), json!({"name": "New", "area": map.area})),
        (Method::PATCH, format!("/teams/{team}"), json!({"name": "Northern"})),
        (Method::PUT, format!("/teams/{team}"), json!({"name": "Far North"})),
        (Method::POST, format!("/teams/{team}/members"), json!({"users": [other], "move": true})),
        (Method::DELETE, format!("/teams/{team}/members/{rep}"), Value::Null),
        (Method::DELETE, format!("/teams/{closing}"), Value::Null),
    ];
    let expected = |replayed: bool| [201, 200, 200, 200, 204, 204].map(|status| (status, replayed));
    assert_eq!(sender.repeat(&requests).await, expected(false));
    assert_eq!(sender.repeat(&requests).await, expected(true), "a closed team is in scope too");
    let teams: Value = app.get_as("admin", "/teams?q=New").await.json().await.unwrap();
    let new = &teams["data"][0]["id"];
    let tenant = app.fixture.ours.tenant;
    let moved = format!("UPDATE teams SET area_id = {} WHERE tenant_id = {tenant}", map.far_area);
    write(&app, &format!("{moved} AND id IN ({team}, {closing}, {new})")).await;
    let refused = sender.repeat(&requests).await;
    assert!(refused.iter().all(|response| *response == (404, false)), "{refused:?}");
    assert_eq!(app.get_as("area", &format!("/teams/{second}")).await.status(), 200, "still in scope");
    by_admin(Method::PUT, &format!("/users/{area}/roles"), json!({"roles": []})).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let refused = sender.repeat(&requests).await;
    assert!(refused.iter().all(|response| *response == (403, false)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_replay_a_response_for_a_sales_rep_out_of_scope() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    let rep = app.fixture.ours.rep.id;
    add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    let team = json!({"name": "North", "area": map.area, "members": [rep]});
    let team: Value = app.send_as("admin", Method::POST, "/teams", &team).await.json().await.unwrap();
    let sender = Sender::new(&app, "area").await;
    let order = |uid: &str| json!({"assignments": [{"salesRep": rep, "retailers": [uid]}]});
    let post = |path: &str, body: Value| (Method::POST, format!("/admin/assignments/{path}"), body);
    let mut unassign = order("RTL-0001");
    unassign["action"] = json!("unassign");
    let unassigned =
        sender.send(&post("bulk-unassign", order("RTL-0002"))).await.json::<Value>().await.unwrap();
    let plan = sender.send(&post("plans", unassign.clone())).await.json::<Value>().await.unwrap();
    let requests = [
        post("bulk", order("RTL-0003")),
        post("bulk-unassign", order("RTL-0002")),
        post("plans", unassign),
        post(&format!("plans/{}/apply", plan["batchId"]), Value::Null),
        post(&format!("batches/{}/undo", unassigned["batchId"]), Value::Null),
    ];
    let expected = [(200, false), (200, true), (201, true), (200, false), (200, false)];
    assert_eq!(sender.repeat(&requests).await, expected);
    assert!(sender.repeat(&requests).await.iter().all(|(_, replayed)| *replayed));
    let member = format!("/teams/{}/members/{rep}", team["id"]);
    assert_eq!(app.send_as("admin", Method::DELETE, &member, &Value::Null).await.status(), 204);
    let refused = sender.repeat(&requests).await;
    // Orders name the sales rep; the others are about a batch that does.
    assert!(refused.iter().all(|response| *response == (404, false)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_replay_a_response_for_a_former_colleague() {
    let app = App::new().await;
    let tenant = app.fixture.ours.tenant;
    let (ours, theirs) = two_distributors(&app).await;
    add_manager(&app, "vendor", "distributor_user", "distributor_id", ours).await;
    let colleague = add_manager(&app, "colleague", "distributor_user", "distributor_id", ours).await;
    let sender = Sender::new(&app, "vendor").await;
    let roles = json!([{"role": "distributor_user", "distributors": [ours]}]);
    let requests = [
        (Method::POST, "/users".to_owned(), json!({"username": "rina", "name": "Rina", "roles": roles})),
        (Method::PUT, format!("/users/{colleague}/status"), json!({"status": "suspended"})),
    ];
    assert_eq!(sender.repeat(&requests).await, [(201, false), (200, false)]);
    assert_eq!(sender.repeat(&requests).await, [(201, true), (200, true)]);
    let moved = format!(
        "UPDATE user_roles SET distributor_id = {theirs} WHERE tenant_id = {tenant} AND user_id IN \
         (SELECT id FROM users WHERE tenant_id = {tenant} AND username IN ('rina', 'colleague'))"
    );
    write(&app, &moved).await;
    assert_eq!(sender.repeat(&requests).await, [(404, false), (404, false)]);
}
