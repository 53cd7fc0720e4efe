//! Users of distributors create and disable their colleagues, and cannot change them otherwise.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::matrix::our_state;
use crate::scopes::{add_manager, two_distributors};
use crate::support::{App, code, problem};

/// Two distributors with their users.
struct Staff {
    app: App,
    ours: i64,
    theirs: i64,
    /// The user `vendor` of the first distributor, who sends the requests.
    vendor: i64,
    /// Another user of the first distributor.
    colleague: i64,
    /// A user of both distributors.
    both: i64,
    /// A user of the second distributor.
    other: i64,
}

impl Staff {
    async fn new() -> Self {
        let app = App::new().await;
        let owner = app.database.owner().await;
        let tenant = app.fixture.ours.tenant;
        let (ours, theirs) = two_distributors(&app).await;
        let user = async |name, distributor| {
            add_manager(&app, name, "distributor_user", "distributor_id", distributor).await
        };
        let (vendor, colleague) = (user("vendor", ours).await, user("colleague", ours).await);
        let (both, other) = (user("both", ours).await, user("other", theirs).await);
        let grant = "INSERT INTO user_roles (tenant_id, user_id, role, distributor_id) \
                     VALUES ($1, $2, 'distributor_user', $3)";
        owner.execute(grant, &[&tenant, &both, &theirs]).await.unwrap();
        drop(owner);
        Self { app, ours, theirs, vendor, colleague, both, other }
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> reqwest::Response {
        self.app.send_as("vendor", method, path, body).await
    }

    /// Creates a user with these roles; returns the status.
    async fn create(&self, roles: Value) -> reqwest::Response {
        let body = json!({"username": "rina", "name": "Rina", "roles": roles});
        self.send(Method::POST, "/users", &body).await
    }

    /// Returns the state of a user.
    async fn state(&self, user: i64) -> Value {
        let path = format!("/users/{user}");
        let user: Value = self.app.get_as("admin", &path).await.json().await.unwrap();
        user["state"].clone()
    }

    fn staff(distributors: &[i64]) -> Value {
        json!([{"role": "distributor_user", "distributors": distributors}])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_distributors_create_and_disable_their_colleagues() {
    let staff = Staff::new().await;
    let created = staff.create(Staff::staff(&[staff.ours])).await;
    assert_eq!(created.status(), 201);
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = created.json().await.unwrap();
    assert_eq!(created["roles"], json!(["distributor_user"]));
    let password = created["oneTimePassword"].as_str().unwrap();
    let login = json!({"username": "rina", "password": password});
    assert_eq!(staff.app.server.log_in_request(&login).send().await.unwrap().status(), 200);
    assert_eq!(staff.app.get_as("vendor", &location).await.status(), 200);
    let (id, suspended) = (created["id"].as_i64().unwrap(), json!({"status": "suspended"}));
    let response = staff.send(Method::PUT, &format!("{location}/status"), &suspended).await;
    assert_eq!(response.status(), 200);
    let user: Value = response.json().await.unwrap();
    assert_eq!((&user["id"], &user["state"]), (&json!(id), &json!("disabled")));
    let colleague = format!("/users/{}", staff.colleague);
    assert_eq!(staff.send(Method::DELETE, &colleague, &Value::Null).await.status(), 204);
    assert_eq!(
        (staff.state(staff.colleague).await, staff.state(id).await),
        (json!("disabled"), json!("disabled"))
    );
    let audited = "SELECT count(*) FROM audit_logs WHERE action = 'user.disable' AND actor_id = $1";
    let owner = staff.app.database.owner().await;
    assert_eq!(owner.query_one(audited, &[&staff.vendor]).await.unwrap().get::<_, i64>(0), 2);
    let own = format!("/users/{}", staff.vendor);
    for (method, path) in [(Method::DELETE, own.clone()), (Method::PUT, format!("{own}/status"))] {
        let response = staff.send(method, &path, &suspended).await;
        assert_eq!(
            (response.status(), code(response).await.as_str()),
            (StatusCode::CONFLICT, "cannot-target-self")
        );
    }
    let roles: Value = staff.app.get_as("vendor", "/roles").await.json().await.unwrap();
    let grantable = roles["data"].as_array().unwrap().iter().filter(|role| role["grantable"] == true);
    assert_eq!(grantable.map(|role| role["code"].clone()).collect::<Vec<_>>(), ["distributor_user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_distributors_create_no_other_users() {
    let staff = Staff::new().await;
    let before = our_state(&staff.app).await;
    let mut answers = Vec::new();
    for distributors in [vec![staff.theirs], vec![987_654], vec![staff.ours, staff.theirs]] {
        let response = staff.create(Staff::staff(&distributors)).await;
        assert_eq!(response.status(), 404, "{distributors:?}");
        let problem = problem(response).await;
        let unknown = distributors.last().unwrap().to_string();
        answers.push(problem["errors"].to_string().replace(&unknown, "N"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for (roles, status) in [
        (json!(["admin"]), 403),
        (json!(["sales_rep"]), 403),
        (json!([{"role": "retailer_user", "retailers": ["RTL-0001"]}]), 404),
        (json!([{"role": "distributor_user", "distributors": [staff.ours]}, "sales_rep"]), 403),
    ] {
        assert_eq!(staff.create(roles.clone()).await.status().as_u16(), status, "{roles}");
    }
    let rep = json!({"username": "rina", "name": "Rina"});
    assert_eq!(staff.send(Method::POST, "/admin/sales-reps", &rep).await.status(), 403);
    assert_eq!(our_state(&staff.app).await, before, "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_distributors_change_nothing_else_of_their_colleagues() {
    let staff = Staff::new().await;
    let tenant = staff.app.fixture.ours.tenant;
    let disabled = "UPDATE users SET state = 'disabled' WHERE tenant_id = $1 AND username = 'colleague'";
    staff.app.database.owner().await.execute(disabled, &[&tenant]).await.unwrap();
    let before = our_state(&staff.app).await;
    let roles = json!({"roles": Staff::staff(&[staff.ours])});
    let active = json!({"status": "active"});
    for user in [staff.colleague, staff.both, staff.other, staff.vendor] {
        let path = format!("/users/{user}");
        for (method, path, body) in [
            (Method::PATCH, path.clone(), json!({"name": "Mine"})),
            (Method::PUT, path.clone(), json!({"state": "disabled"})),
            (Method::PUT, path.clone(), json!({"state": "active"})),
            (Method::PUT, format!("/admin{path}/status"), active.clone()),
            (Method::POST, format!("{path}/reset-password"), json!({})),
            (Method::DELETE, format!("{path}/sessions"), Value::Null),
            (Method::DELETE, format!("{path}/mfa"), Value::Null),
            (Method::GET, format!("{path}/roles"), Value::Null),
            (Method::POST, format!("{path}/roles"), roles.clone()),
            (Method::PUT, format!("{path}/roles"), roles.clone()),
            (Method::DELETE, format!("{path}/roles/1"), Value::Null),
        ] {
            let response = staff.send(method.clone(), &path, &body).await;
            assert_eq!(response.status(), 403, "{method} {path} {body}");
        }
    }
    // A user of another distributor, or of none, is unknown; one who also works for another distributor is not covered.
    let suspended = json!({"status": "suspended"});
    for (user, status) in [
        (staff.other, 404),
        (staff.app.fixture.ours.rep.id, 404),
        (staff.app.fixture.ours.admin.id, 404),
        (987_654, 404),
        (staff.both, 403),
    ] {
        let path = format!("/users/{user}");
        let response = staff.send(Method::DELETE, &path, &Value::Null).await;
        assert_eq!(response.status().as_u16(), status, "{user}");
        let response = staff.send(Method::PUT, &format!("{path}/status"), &suspended).await;
        assert_eq!(response.status().as_u16(), status, "{user}");
    }
    assert_eq!(our_state(&staff.app).await, before, "nothing is written");
}
