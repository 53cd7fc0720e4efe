//! Aliases: alternative spellings of place names.

use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};

use crate::map::{User, field_error, field_errors, header, ok};
use crate::support::{App, Server, code, problem};

const ALIASES: &str = "/admin/place-aliases";

/// The field, code and detail of an `already-exists` problem.
async fn conflict(response: Response) -> (String, String, String) {
    assert_eq!(response.status(), 409);
    let body = problem(response).await;
    assert_eq!(body["code"], "already-exists");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["errors"][0]["field"]), text(&body["errors"][0]["code"]), text(&body["detail"]))
}

fn body(kind: &str, place: i64, alias: &str) -> Value {
    json!({"kind": kind, "place": place, "alias": alias})
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_found_by_an_alias_until_it_is_deleted() {
    let app = App::new().await;
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let retailers = admin.names("/retailers").await;
    for (kind, places, name) in [
        ("region", "regions", "Dhaka"),
        ("area", "areas", "Gazipur"),
        ("territory", "territories", "Kaliganj"),
    ] {
        let place = admin.only(&format!("/admin/{places}")).await;
        // Fill the caches, which must be invalidated.
        let filter = format!("/retailers?{kind}=Dacca");
        for user in [&admin, &rep] {
            assert!(user.names(&filter).await.is_empty(), "{kind}");
        }
        let response = admin.post(ALIASES, body(kind, place, "  Dacca ")).await;
        assert_eq!(response.status(), 201, "{kind}");
        let location = header(&response, "location");
        let created: Value = response.json().await.unwrap();
        assert_eq!(location, format!("{ALIASES}/{}", created["id"]));
        let place = json!({"id": place, "name": name});
        assert_eq!(created, json!({"id": created["id"], "kind": kind, "place": place, "alias": "Dacca"}));
        assert_eq!(admin.read(&format!("{ALIASES}?kind={kind}")).await["data"], json!([created]));
        assert_eq!(admin.names(&filter).await, retailers);
        assert_eq!(rep.names(&filter).await.len(), 4);
        assert_eq!(rep.names(&format!("/{places}?q=dacca")).await, [name]);

        assert_eq!(admin.delete(&location).await.status(), 204);
        assert!(admin.read(ALIASES).await["data"].as_array().unwrap().is_empty());
        for user in [&admin, &rep] {
            assert!(user.names(&filter).await.is_empty(), "{kind}");
        }
        for path in [location.as_str(), "/admin/place-aliases/x"] {
            assert_eq!(code(admin.delete(path).await).await, "not-found");
        }
        // Creation and deletion are audited.
        let log = admin.read("/admin/audit?entity=place-alias&limit=2").await;
        let entries = log["data"].as_array().unwrap();
        let snapshot =
            json!({"kind": kind, "place": place["id"], "placeName": place["name"], "alias": "Dacca"});
        for (entry, (action, before, after)) in entries.iter().zip([
            ("place-alias.delete", &snapshot, &Value::Null),
            ("place-alias.create", &Value::Null, &snapshot),
        ]) {
            assert_eq!(
                (&entry["action"], &entry["before"], &entry["after"]),
                (&json!(action), before, after)
            );
            assert_eq!(
                (&entry["entityId"], entry["requestId"].is_string()),
                (&json!(created["id"].to_string()), true)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_aliases_are_visible_soon_in_another_process() {
    let long_connect_timeout = [("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
    let app = App::with(&long_connect_timeout).await;
    let other = Server::start(&app.database.app_url(), &long_connect_timeout);
    let admin = User::new(&app, "admin").await;
    let remote = User::of(&other, "default", "sr00001").await;
    let area = admin.only("/admin/areas").await;
    for round in 0..5 {
        let filter = format!("/retailers?area=Comilla {round}");
        assert!(remote.names(&filter).await.is_empty());
        let created = admin.post(ALIASES, body("area", area, &format!("Comilla {round}"))).await;
        let location = header(&created, "location");
        for expected in [4, 0] {
            let changed = Instant::now();
            loop {
                let begun = changed.elapsed();
                if remote.names(&filter).await.len() == expected {
                    break;
                }
                assert!(begun < Duration::from_millis(500), "not {expected} in round {round}");
            }
            if expected > 0 {
                assert_eq!(admin.delete(&location).await.status(), 204);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_are_unique_among_siblings() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let dhaka = admin.only("/admin/regions").await;
    let khulna = admin.create("/admin/regions", json!({"name": "Khulna", "nameBn": "খুলনা"})).await;
    let savar =
        admin.create("/admin/areas", json!({"name": "Savar", "nameBn": "সাভার", "region": dhaka})).await;
    let sibling = admin.create("/admin/areas", json!({"name": "Sadar", "region": dhaka})).await;
    let mongla = admin.create("/admin/areas", json!({"name": "Mongla", "region": khulna})).await;
    admin.create(ALIASES, body("area", savar, "Sabhar")).await;
    let assert_same = |(field, code, detail): (String, String, String)| {
        assert_eq!(
            (&*field, &*code, &*detail),
            ("alias", "same-as-current", "alias: is already a name of this place")
        );
    };
    for own in ["Savar", "সাভার", "Sabhar"] {
        assert_same(conflict(admin.post(ALIASES, body("area", savar, own)).await).await);
        let (field, code, detail) = conflict(admin.post(ALIASES, body("area", sibling, own)).await).await;
        assert_eq!((&*field, &*code), ("alias", "taken"), "{own}");
        assert_eq!(detail, "alias: is already a name of another place at this level");
        admin.create(ALIASES, body("area", mongla, own)).await;
        // A name that is the alias of a sibling conflicts too.
        let created = admin.post("/admin/areas", json!({"name": own, "region": dhaka})).await;
        assert_eq!(conflict(created).await.0, "name", "{own}");
        let renamed = admin.patch(&format!("/admin/areas/{sibling}"), json!({"name": own})).await;
        assert_eq!(conflict(renamed).await.0, "name", "{own}");
    }
    // Areas and regions do not conflict, and a place may take its own alias as its name.
    admin.create(ALIASES, body("region", dhaka, "Savar")).await;
    assert_eq!(conflict(admin.post(ALIASES, body("region", dhaka, "খুলনা")).await).await.1, "taken");
    ok(admin.patch(&format!("/admin/areas/{savar}"), json!({"name": "Sabhar"})).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_aliases_are_rejected() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let theirs = User::of(&app.server, "other", "admin").await;
    let (area, their_area) = (admin.only("/admin/areas").await, theirs.only("/admin/areas").await);
    for (body, expected) in [
        (json!({}), vec![("kind", "required"), ("place", "required"), ("alias", "required")]),
        (
            json!({"kind": "distributor", "place": "1", "alias": "a\tb", "name": "x"}),
            vec![
                ("kind", "invalid"),
                ("place", "wrong-type"),
                ("alias", "invalid-characters"),
                ("name", "unknown-field"),
            ],
        ),
        (body("area", area, &"x".repeat(201)), vec![("alias", "too-long")]),
        (body("area", area, "\u{200B}"), vec![("alias", "required")]),
        (body("area", their_area, "x"), vec![("place", "not-found")]),
        (body("region", 999_999, "x"), vec![("place", "not-found")]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().flat_map(|(field, code)| field_error(field, code)).collect();
        assert_eq!(field_errors(admin.post(ALIASES, body.clone()).await).await, expected, "{body}");
    }
    for (query, field) in [("kind=distributor", "kind"), ("place=x", "place")] {
        assert_eq!(field_errors(admin.get(&format!("{ALIASES}?{query}")).await).await[0].0, field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alias_list_supports_paging_search_and_filters() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let (region, area) = (admin.only("/admin/regions").await, admin.only("/admin/areas").await);
    for (kind, place, alias) in [
        ("area", area, "Joydebpur"),
        ("region", region, "Dacca"),
        ("area", area, "জয়দেবপুর"),
        ("region", region, "Jahangirnagar"),
    ] {
        admin.create(ALIASES, body(kind, place, alias)).await;
    }
    let names = async |path: &str| {
        let page = admin.read(path).await;
        let rows = page["data"].as_array().unwrap();
        let names: Vec<_> = rows.iter().map(|row| row["alias"].as_str().unwrap().to_owned()).collect();
        (names, page["page"]["nextCursor"].as_str().map(str::to_owned))
    };
    let all = ["Dacca", "Jahangirnagar", "Joydebpur", "জয়দেবপুর"].map(str::to_owned);
    let (first, cursor) = names(&format!("{ALIASES}?limit=3")).await;
    let cursor = cursor.unwrap();
    assert_eq!(first, all[..3]);
    assert_eq!(names(&format!("{ALIASES}?limit=3&cursor={cursor}")).await, (all[3..].to_vec(), None));
    for other in ["kind=area", "q=a", "place=1"] {
        let response = admin.get(&format!("{ALIASES}?{other}&cursor={cursor}")).await;
        assert_eq!(code(response).await, "invalid-cursor", "{other}");
    }
    for (query, expected) in [
        ("q=j".to_owned(), &all[1..3]),
        ("q=জয়".to_owned(), &all[3..]),
        ("q=gazipur".to_owned(), &all[2..]),
        ("q=".to_owned(), &all[..]),
        (format!("kind=region&place={region}"), &all[..2]),
        (format!("kind=territory&place={region}"), &[]),
    ] {
        assert_eq!(names(&format!("{ALIASES}?{query}")).await.0, expected, "{query}");
    }
}
