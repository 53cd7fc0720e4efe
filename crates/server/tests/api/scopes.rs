//! The retailers that managers of regions and areas see and change.

use std::time::Duration;

use haat_test_support::PASSWORD_HASH;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::roles::Map;
use crate::support::App;

/// Adds a manager with this grant, whose password is that of the fixture; returns the id.
pub(crate) async fn add_manager(app: &App, username: &str, role: &str, column: &str, target: i64) -> i64 {
    let owner = app.database.owner().await;
    let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role, scoped) \
                  VALUES ($1, $2, $2, $3, $4, TRUE) RETURNING id";
    let id: i64 = owner
        .query_one(insert, &[&app.fixture.ours.tenant, &username, &PASSWORD_HASH, &role])
        .await
        .unwrap()
        .get(0);
    let grant =
        format!("INSERT INTO user_roles (tenant_id, user_id, role, {column}) VALUES ($1, $2, $3, $4)");
    owner.execute(&grant, &[&app.fixture.ours.tenant, &id, &role, &target]).await.unwrap();
    id
}

/// Adds a distributor; returns the ids of that of the fixture and of the new one.
pub(crate) async fn two_distributors(app: &App) -> (i64, i64) {
    let owner = app.database.owner().await;
    let tenant = app.fixture.ours.tenant;
    let first = "SELECT min(id) FROM distributors WHERE tenant_id = $1";
    let ours: i64 = owner.query_one(first, &[&tenant]).await.unwrap().get(0);
    let add = "INSERT INTO distributors (tenant_id, name) VALUES ($1, 'Karim Traders') RETURNING id";
    (ours, owner.query_one(add, &[&tenant]).await.unwrap().get(0))
}

/// The uids of a list, and its total.
pub(crate) async fn uids(response: Response) -> (Vec<String>, Option<i64>) {
    assert_eq!(response.status(), 200, "{}", response.url());
    let body: Value = response.json().await.unwrap();
    let uids = body["data"].as_array().unwrap().iter();
    (uids.map(|row| row["uid"].as_str().unwrap().to_owned()).collect(), body["page"]["total"].as_i64())
}

pub(crate) fn numbered(numbers: &[i64]) -> Vec<String> {
    numbers.iter().map(|number| format!("RTL-{number:04}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_see_exactly_their_retailers_everywhere() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    add_manager(&app, "area", "area_manager", "area_id", map.area).await;
    add_manager(&app, "other", "area_manager", "area_id", map.other_area).await;
    add_manager(&app, "region", "regional_manager", "region_id", map.region).await;
    add_manager(&app, "far", "regional_manager", "region_id", map.other_region).await;
    for (user, numbers) in
        [("area", &[1, 2, 3, 4][..]), ("other", &[5, 6]), ("region", &[1, 2, 3, 4, 5, 6]), ("far", &[])]
    {
        let expected = numbered(numbers);
        let total = i64::try_from(expected.len()).ok();
        for path in ["/retailers?sort=uid&includeTotal=true", "/admin/retailers?sort=uid&includeTotal=true"] {
            assert_eq!(uids(app.get_as(user, path).await).await, (expected.clone(), total), "{user} {path}");
        }
        let descending = uids(app.get_as(user, "/retailers?sort=-uid&limit=200").await).await.0;
        assert!(descending.iter().rev().eq(&expected), "{user}");
        let shops = uids(app.get_as(user, "/retailers?q=Shop&sort=uid&includeTotal=true").await).await;
        let named: Vec<String> =
            numbered(&[4, 5, 6]).into_iter().filter(|uid| expected.contains(uid)).collect();
        assert_eq!(shops, (named.clone(), i64::try_from(named.len()).ok()), "{user}");
        let of_rep = uids(app.get_as(user, "/admin/retailers?salesRep=sr00002&sort=uid").await).await.0;
        let served: Vec<String> =
            numbered(&[4, 5]).into_iter().filter(|uid| expected.contains(uid)).collect();
        assert_eq!(of_rep, served, "{user}");
        let elsewhere = format!("/retailers?sort=uid&area={}", map.other_area);
        let in_area = uids(app.get_as(user, &elsewhere).await).await.0;
        let there: Vec<String> = numbered(&[5, 6]).into_iter().filter(|uid| expected.contains(uid)).collect();
        assert_eq!(in_area, there, "{user}");
        assert_eq!(
            uids(app.get_as(user, "/admin/retailers?deleted=true").await).await.0,
            Vec::<String>::new()
        );
        let export = app.get_as(user, "/admin/retailers/export").await.text().await.unwrap();
        for number in 1..=6 {
            let uid = format!("RTL-{number:04}");
            let status = if expected.contains(&uid) { 200 } else { 404 };
            assert_eq!(export.contains(&uid), status == 200, "{user} {uid}");
            for path in [format!("/retailers/{uid}"), format!("/admin/retailers/{uid}")] {
                assert_eq!(app.get_as(user, &path).await.status(), status, "{user} {path}");
            }
            let patch = json!({"points": 10 + number});
            let response = app.send_as(user, Method::PATCH, &format!("/retailers/{uid}"), &patch).await;
            assert_eq!(response.status(), status, "{user} {uid}");
        }
        for (method, path) in
            [(Method::DELETE, "/admin/retailers/RTL-0001"), (Method::POST, "/admin/regions")]
        {
            assert_eq!(app.send_as(user, method, path, &json!({})).await.status(), 403, "{user}");
        }
    }
    let points = "SELECT sum(points) FROM retailers WHERE tenant_id = $1";
    let owner = app.database.owner().await;
    let sum: i64 = owner.query_one(points, &[&app.fixture.ours.tenant]).await.unwrap().get(0);
    assert_eq!(sum, 6 * 10 + 21, "each was changed by its own managers only");
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_an_area_changes_scopes_immediately() {
    let app = App::new().await;
    let map = Map::of(&app).await;
    add_manager(&app, "region", "regional_manager", "region_id", map.region).await;
    let far = add_manager(&app, "far", "regional_manager", "region_id", map.other_region).await;
    let tokens = [app.server.token("default", "region").await, app.server.token("default", "far").await];
    let seen = async |token: &str| {
        let request = app.server.get("/retailers?sort=uid").bearer_auth(token).send().await.unwrap();
        uids(request).await.0
    };
    assert_eq!((seen(&tokens[0]).await.len(), seen(&tokens[1]).await.len()), (6, 0));
    let area = format!("/admin/areas/{}", map.other_area);
    let moved = app.send_as("admin", Method::PATCH, &area, &json!({"region": map.other_region})).await;
    assert_eq!(moved.status(), 200);
    assert_eq!(seen(&tokens[0]).await, numbered(&[1, 2, 3, 4]), "the process that moved it is right at once");
    assert_eq!(seen(&tokens[1]).await, numbered(&[5, 6]));
    let patch = async |token: &str, uid: &str| {
        let request = app.server.request(Method::PATCH, &format!("/retailers/{uid}")).bearer_auth(token);
        request.json(&json!({"points": 77})).send().await.unwrap().status().as_u16()
    };
    assert_eq!((patch(&tokens[0], "RTL-0005").await, patch(&tokens[1], "RTL-0005").await), (404, 200));
    // A grant that is taken by a statement typed by hand.
    let owner = app.database.owner().await;
    owner.execute("DELETE FROM user_roles WHERE user_id = $1", &[&far]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let request = app.server.get("/retailers").bearer_auth(&tokens[1]).send().await.unwrap();
    assert_eq!(request.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_distributors_see_names_and_areas_only() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    let tenant = app.fixture.ours.tenant;
    let (ours, other) = two_distributors(&app).await;
    let relocate = "UPDATE retailers SET distributor_id = $2 WHERE tenant_id = $1 AND uid = 'RTL-0006'";
    owner.execute(relocate, &[&tenant, &other]).await.unwrap();
    let notes = "UPDATE retailers SET notes = 'Zznote' WHERE tenant_id = $1";
    owner.execute(notes, &[&tenant]).await.unwrap();
    add_manager(&app, "vendor", "distributor_user", "distributor_id", ours).await;
    let get = async |path: &str| app.get_as("vendor", path).await;
    let body: Value = get("/retailers?sort=uid&includeTotal=true").await.json().await.unwrap();
    assert_eq!(body["page"]["total"], 5);
    for row in body["data"].as_array().unwrap() {
        let members: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["area", "name", "region", "uid"]);
    }
    let one: Value = get("/retailers/RTL-0001").await.json().await.unwrap();
    assert_eq!(one.as_object().unwrap().len(), 4);
    assert_eq!(get("/retailers/RTL-0006").await.status(), 404, "of another distributor");
    // The fixture's phones are +8801711223301 to …06.
    for (q, numbers) in [
        ("01711223301", &[][..]),
        ("8801711", &[]),
        ("Shop 01711", &[]),
        ("Shop", &[4, 5]),
        ("0004", &[4]),
        ("4 Shop", &[4]),
        ("স্টোর", &[1, 2, 3]),
    ] {
        let path = format!("/retailers?sort=uid&includeTotal=true&q={}", q.replace(' ', "%20"));
        let total = i64::try_from(numbers.len()).ok();
        assert_eq!(uids(get(&path).await).await, (numbered(numbers), total), "{q}");
    }
    let staff = uids(app.get_as("sr00001", "/retailers?q=01711223301").await).await.0;
    assert_eq!(staff, numbered(&[1]), "staff find phones");
    for (query, field) in [
        ("sort=points", "sort"),
        ("sort=-updatedAt", "sort"),
        ("fields=phone", "fields"),
        ("fields=uid,notes", "fields"),
    ] {
        let response = get(&format!("/retailers?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        assert_eq!(crate::support::problem(response).await["errors"][0]["field"], field);
    }
    let picker: Value = get("/distributors").await.json().await.unwrap();
    assert_eq!(picker["data"].as_array().unwrap().len(), 1);
    let patch = app.send_as("vendor", Method::PATCH, "/retailers/RTL-0001", &json!({"points": 1})).await;
    assert_eq!(patch.status(), 403);
    for path in ["/admin/retailers", "/admin/retailers/export", "/teams", "/admin/audit"] {
        assert_eq!(get(path).await.status(), 403, "{path}");
    }
    let users: Value = get("/users").await.json().await.unwrap();
    assert_eq!(users["data"].as_array().unwrap().len(), 1, "the staff of the distributor");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_a_retailer_see_it_without_notes() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    let notes = "UPDATE retailers SET notes = 'Zznote' WHERE tenant_id = $1";
    owner.execute(notes, &[&app.fixture.ours.tenant]).await.unwrap();
    add_manager(&app, "buyer", "retailer_user", "retailer_id", app.fixture.ours.retailers[1].id).await;
    assert_eq!(
        uids(app.get_as("buyer", "/retailers?includeTotal=true").await).await,
        (numbered(&[2]), Some(1))
    );
    assert_eq!(uids(app.get_as("buyer", "/retailers?q=01711223302").await).await.0, numbered(&[2]));
    let one: Value = app.get_as("buyer", "/retailers/RTL-0002").await.json().await.unwrap();
    assert_eq!((&one["phone"], &one["points"]), (&json!("+8801711223302"), &json!(2)));
    assert!(one.get("notes").is_none() && one.get("assignedAt").is_none(), "{one}");
    assert_eq!(app.get_as("buyer", "/retailers/RTL-0001").await.status(), 404);
    assert_eq!(app.get_as("buyer", "/retailers?fields=notes").await.status(), 422);
    assert_eq!(app.get_as("buyer", "/distributors").await.status(), 403);
    let users: Value = app.get_as("buyer", "/users").await.json().await.unwrap();
    assert_eq!(users["data"].as_array().unwrap().len(), 1, "their own account");
}
