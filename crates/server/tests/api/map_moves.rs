//! Moving areas and territories moves their retailers.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use haat_test_support::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::map::User;
use crate::support::{App, Server, code};

/// The places of the fixture, plus a second region with an area.
struct Map {
    dhaka: i64,
    khulna: i64,
    gazipur: i64,
    mongla: i64,
    kaliganj: i64,
}

impl Map {
    async fn new(admin: &User<'_>) -> Self {
        let dhaka = admin.only("/admin/regions").await;
        let gazipur = admin.only("/admin/areas").await;
        let kaliganj = admin.only("/admin/territories").await;
        let khulna = admin.create("/admin/regions", json!({"name": "Khulna"})).await;
        let mongla = admin.create("/admin/areas", json!({"name": "Mongla", "region": khulna})).await;
        Self { dhaka, khulna, gazipur, mongla, kaliganj }
    }
}

/// The region, area, territory and version of a retailer.
fn geography(retailer: &Value) -> (&str, &str, &str, i64) {
    let name = |place: &str| retailer[place]["name"].as_str().unwrap();
    (name("region"), name("area"), name("territory"), retailer["version"].as_i64().unwrap())
}

/// The number of retailers whose places contradict each other.
async fn contradictions(owner: &Client) -> i64 {
    let wrong = "SELECT count(*) FROM retailers AS r \
                 LEFT JOIN territories AS t ON (t.tenant_id, t.id, t.area_id) = (r.tenant_id, r.territory_id, r.area_id) \
                 LEFT JOIN areas AS a ON (a.tenant_id, a.id, a.region_id) = (r.tenant_id, r.area_id, r.region_id) \
                 WHERE t.id IS NULL OR a.id IS NULL";
    owner.query_one(wrong, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_a_place_moves_its_retailers() {
    let long_connect_timeout = [("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
    let app = App::with(&long_connect_timeout).await;
    let other = Server::start(&app.database.app_url(), &long_connect_timeout);
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let (second, remote) = (User::new(&app, "sr00002").await, User::of(&other, "default", "sr00001").await);
    let Map { dhaka, khulna, gazipur, mongla, kaliganj } = Map::new(&admin).await;
    let owner = app.database.owner().await;
    owner
        .batch_execute(
            "UPDATE retailers SET updated_at = '2126-01-01T00:00:00Z' WHERE uid = 'RTL-0002'; \
                        UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0006'",
        )
        .await
        .unwrap();
    for (round, (path, body, expected)) in [
        (format!("/admin/areas/{gazipur}"), json!({"region": khulna}), ("Khulna", "Gazipur", "Kaliganj")),
        (format!("/admin/territories/{kaliganj}"), json!({"area": mongla}), ("Khulna", "Mongla", "Kaliganj")),
        (
            format!("/admin/areas/{mongla}"),
            json!({"region": dhaka, "name": "Bagerhat"}),
            ("Dhaka", "Bagerhat", "Kaliganj"),
        ),
        (format!("/admin/areas/{gazipur}"), json!({"region": dhaka}), ("Dhaka", "Bagerhat", "Kaliganj")),
    ]
    .into_iter()
    .enumerate()
    {
        // Fill the caches.
        for user in [&rep, &second, &remote] {
            user.read("/retailers?sort=uid").await;
        }
        let before = Instant::now();
        let response = admin.patch(&path, body).await;
        assert_eq!(response.status(), 200);
        let place: Value = response.json().await.unwrap();
        // The area moved last has no retailers.
        let version = 2 + i64::try_from(round.min(2)).unwrap();
        let (region, area, territory) = expected;
        let expected = (region, area, territory, version);
        for retailer in rep.read("/retailers?sort=uid").await["data"].as_array().unwrap() {
            assert_eq!(geography(retailer), expected, "{place}");
        }
        for user in [&rep, &second, &admin] {
            assert_eq!(geography(&user.read("/retailers/RTL-0004").await), expected);
        }
        let filtered = format!("/retailers?region={region}&area={area}&limit=1&includeTotal=true");
        assert_eq!(rep.read(&filtered).await["page"]["total"], 4);
        assert_eq!(admin.read(&filtered).await["page"]["total"], 5);
        loop {
            let begun = before.elapsed();
            let list = remote.read("/retailers?sort=uid").await;
            if geography(&list["data"][0]) == expected {
                break;
            }
            assert!(begun < Duration::from_millis(500), "{list} is not {expected:?}");
        }
        assert_eq!(contradictions(&owner).await, 0);
    }
    let retailer = rep.read("/retailers/RTL-0002").await;
    assert_eq!(retailer["updatedAt"], "2126-01-01T00:00:00.000000Z", "the time of change never decreases");
    let moved = "SELECT count(*) FROM retailers WHERE tenant_id = $1 AND version = 4 AND updated_at > now() - interval '1 minute'";
    let ours = app.fixture.ours.tenant;
    assert_eq!(
        owner.query_one(moved, &[&ours]).await.unwrap().get::<_, i64>(0),
        6,
        "including the deleted one"
    );
    let theirs = "SELECT count(*) FROM retailers WHERE tenant_id <> $1 AND version = 1";
    assert_eq!(owner.query_one(theirs, &[&ours]).await.unwrap().get::<_, i64>(0), 6);
    let audit = owner
        .query("SELECT action, after->'retailers', before FROM audit_logs WHERE action LIKE '%.move' ORDER BY id", &[])
        .await
        .unwrap();
    let actions: Vec<(&str, Value)> = audit.iter().map(|row| (row.get(0), row.get(1))).collect();
    let six = json!(6);
    assert_eq!(
        actions,
        [
            ("area.move", six.clone()),
            ("territory.move", six.clone()),
            ("area.move", six),
            ("area.move", json!(0))
        ]
    );
    assert_eq!(
        audit[0].get::<_, Value>(2),
        json!({"name": "Gazipur", "nameBn": null, "version": 1, "region": dhaka})
    );
    let feed = owner
        .query("SELECT entity_id, sales_rep_id FROM changes WHERE kind = 'moved' AND entity = 'territory' ORDER BY 2 NULLS FIRST", &[])
        .await
        .unwrap();
    let feed: Vec<(i64, Option<i64>)> = feed.iter().map(|row| (row.get(0), row.get(1))).collect();
    let reps = [None, Some(app.fixture.ours.rep.id), Some(app.fixture.ours.other_rep.id)];
    assert_eq!(feed, reps.map(|rep| (kaliganj, rep)), "one entry per affected sales rep");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_moves_and_edits_leave_consistent_data() {
    let app = App::with(&[("HAAT_DATABASE_POOL", "12"), ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "10000")]).await;
    let admin = User::new(&app, "admin").await;
    let Map { dhaka, khulna, gazipur, mongla, kaliganj } = Map::new(&admin).await;
    let tongi = admin.create("/admin/territories", json!({"name": "Tongi", "area": mongla})).await;
    let owner = app.database.owner().await;
    owner
        .execute(
            "UPDATE retailers SET territory_id = $2, area_id = $3, region_id = $4 \
             WHERE tenant_id = $1 AND uid IN ('RTL-0002', 'RTL-0004')",
            &[&app.fixture.ours.tenant, &tongi, &mongla, &khulna],
        )
        .await
        .unwrap();
    let (one, two) = (User::new(&app, "sr00001").await, User::new(&app, "sr00002").await);
    for round in 0..20_usize {
        let pick = |number: usize, of: [i64; 2]| of[(round * 7 + number * 5 + number / 3) % 2];
        let moves = (0..6).map(|number| {
            let (path, body) = match number % 3 {
                0 => (
                    format!("/admin/areas/{}", pick(number, [gazipur, mongla])),
                    json!({"region": pick(number + 1, [dhaka, khulna])}),
                ),
                1 => (
                    format!("/admin/territories/{}", pick(number, [kaliganj, tongi])),
                    json!({"area": pick(number + 2, [gazipur, mongla])}),
                ),
                _ => (
                    format!("/admin/regions/{}", pick(number, [dhaka, khulna])),
                    json!({"nameBn": format!("নাম {round}")}),
                ),
            };
            let admin = &admin;
            async move { admin.patch(&path, body).await.status().as_u16() }
        });
        let work = (0..12).map(|number| {
            let (rep, uid) =
                if number % 2 == 0 { (&one, number % 4 + 1) } else { (&two, 4 + number % 4 / 3) };
            let body = json!({"points": round * 100 + number});
            let path = format!("/retailers/RTL-000{uid}");
            async move { rep.patch(&path, body).await.status().as_u16() }
        });
        let assignments = (0..3).map(|number| {
            let end = if number % 2 == 0 { "bulk" } else { "bulk-unassign" };
            let body = json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0006", "RTL-0003", "RTL-0001"]}]});
            let admin = &admin;
            async move { admin.post(&format!("/admin/assignments/{end}"), body).await.status().as_u16() }
        });
        let (moves, work, assignments) = tokio::join!(join_all(moves), join_all(work), join_all(assignments));
        for status in moves.into_iter().chain(work).chain(assignments) {
            assert_eq!(status, 200, "round {round}");
        }
        assert_eq!(contradictions(&owner).await, 0, "round {round}");
        // The list of a sales rep matches the database.
        let places = owner
            .query(
                "SELECT r.uid, r.region_id, r.area_id, r.territory_id, r.version FROM retailers AS r \
                 JOIN sales_rep_retailers AS s ON s.retailer_id = r.id WHERE s.sales_rep_id = $1 ORDER BY r.uid",
                &[&app.fixture.ours.other_rep.id],
            )
            .await
            .unwrap();
        let list = two.send_with(Method::GET, "/retailers?sort=uid", None, &[]).await;
        let list: Value = list.json().await.unwrap();
        let listed: Vec<Value> = list["data"].as_array().unwrap().clone();
        assert_eq!(listed.len(), places.len());
        for (retailer, row) in listed.iter().zip(&places) {
            let ids = ["region", "area", "territory"].map(|place| retailer[place]["id"].as_i64().unwrap());
            assert_eq!(retailer["uid"], row.get::<_, &str>(0));
            assert_eq!(ids, [row.get::<_, i64>(1), row.get(2), row.get(3)], "round {round}: {retailer}");
            assert_eq!(retailer["version"], row.get::<_, i64>(4));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_of_deleted_retailers_can_be_emptied_and_deleted() {
    let app = App::new().await;
    let send =
        async |method: Method, path: &str, body: Value| app.send_as("admin", method, path, &body).await;
    let json_of = async |method: Method, path: &str, body: Value| -> Value {
        send(method, path, body).await.json().await.unwrap()
    };
    let areas: Value = app.get_as("admin", "/admin/areas").await.json().await.unwrap();
    let area = &areas["data"][0]["id"];
    let old = json_of(Method::POST, "/admin/territories", json!({"name": "Old", "area": area})).await;
    let new = json_of(Method::POST, "/admin/territories", json!({"name": "New", "area": area})).await;
    let distributor = json_of(Method::POST, "/admin/distributors", json!({"name": "Old Traders"})).await;
    let retailer = "/admin/retailers/RTL-0001";
    let into_old = json!({"territory": old["id"], "distributor": distributor["id"]});
    assert_eq!(send(Method::PATCH, retailer, into_old).await.status(), 200);
    assert_eq!(send(Method::DELETE, retailer, Value::Null).await.status(), 204);
    let (old_path, distributor_path) =
        (format!("/admin/territories/{}", old["id"]), format!("/admin/distributors/{}", distributor["id"]));
    for path in [&old_path, &distributor_path] {
        let refused = send(Method::DELETE, path, Value::Null).await;
        assert_eq!(refused.status(), 409);
        assert_eq!(refused.json::<Value>().await.unwrap()["references"]["deletedRetailers"], 1);
    }
    // A deleted retailer can leave a place, but nothing else of it changes.
    for body in [json!({"points": 1}), json!({"territory": new["id"], "name": "New name"}), json!({})] {
        assert_eq!(code(send(Method::PATCH, retailer, body).await).await, "deleted");
    }
    let moved = json_of(Method::PATCH, retailer, json!({"territory": new["id"], "distributor": null})).await;
    assert_eq!((&moved["territory"]["name"], &moved["distributor"]), (&json!("New"), &Value::Null));
    assert!(moved["deletedAt"].is_string());
    for path in [&old_path, &distributor_path] {
        assert_eq!(send(Method::DELETE, path, Value::Null).await.status(), 204);
    }
    // Its history and the way back are as before.
    let history: Value = app.get_as("admin", &format!("{retailer}/assignments")).await.json().await.unwrap();
    assert_eq!(history["data"][0]["endReason"], "deleted");
    let restored = json_of(Method::POST, &format!("{retailer}/restore"), Value::Null).await;
    assert_eq!((&restored["territory"]["name"], &restored["deletedAt"]), (&json!("New"), &Value::Null));
    let audit: Value =
        app.get_as("admin", "/admin/audit?entity=retailer&entityId=RTL-0001").await.json().await.unwrap();
    assert_eq!(audit["data"][1]["after"]["territoryName"], "New");
    assert_eq!(
        (&audit["data"][1]["before"]["territory"], &audit["data"][1]["before"]["territoryName"]),
        (&old["id"], &Value::Null)
    );
}
