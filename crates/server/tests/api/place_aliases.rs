//! Other spellings, by which places are found.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::map::{User, fault, faults, header, ok};
use crate::support::{App, Server, code, problem};

const ALIASES: &str = "/admin/place-aliases";

/// What is wrong with which field, and what the problem says in a sentence.
async fn taken(response: Response) -> (String, String, String) {
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
async fn each_kind_of_place_is_found_by_a_spelling_until_it_is_deleted() {
    let app = App::new().await;
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let shops = admin.names("/retailers").await;
    for (kind, places, name) in [
        ("region", "regions", "Dhaka"),
        ("area", "areas", "Gazipur"),
        ("territory", "territories", "Kaliganj"),
    ] {
        let place = admin.only(&format!("/admin/{places}")).await;
        // In memory, where it must not stay so.
        let filter = format!("/retailers?{kind}=Dacca");
        for who in [&admin, &rep] {
            assert!(who.names(&filter).await.is_empty(), "{kind}");
        }
        let response = admin.post(ALIASES, body(kind, place, "  Dacca ")).await;
        assert_eq!(response.status(), 201, "{kind}");
        let location = header(&response, "location");
        let made: Value = response.json().await.unwrap();
        assert_eq!(location, format!("{ALIASES}/{}", made["id"]));
        let place = json!({"id": place, "name": name});
        assert_eq!(made, json!({"id": made["id"], "kind": kind, "place": place, "alias": "Dacca"}));
        assert_eq!(admin.read(&format!("{ALIASES}?kind={kind}")).await["data"], json!([made]));
        assert_eq!(admin.names(&filter).await, shops);
        assert_eq!(rep.names(&filter).await.len(), 4);
        assert_eq!(rep.names(&format!("/{places}?q=dacca")).await, [name]);

        assert_eq!(admin.delete(&location).await.status(), 204);
        assert!(admin.read(ALIASES).await["data"].as_array().unwrap().is_empty());
        for who in [&admin, &rep] {
            assert!(who.names(&filter).await.is_empty(), "{kind}");
        }
        for path in [location.as_str(), "/admin/place-aliases/x"] {
            assert_eq!(code(admin.delete(path).await).await, "not-found");
        }
        // Who did it is known.
        let log = admin.read("/admin/audit?entity=place-alias&limit=2").await;
        let entries = log["data"].as_array().unwrap();
        let snapshot = json!({"kind": kind, "place": place["id"], "alias": "Dacca"});
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
                (&json!(made["id"].to_string()), true)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spelling_is_known_to_another_process_soon() {
    let patient = [("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
    let app = App::with(&patient).await;
    let other = Server::start(&app.database.app_url(), &patient);
    let admin = User::new(&app, "admin").await;
    let elsewhere = User::of(&other, "default", "sr00001").await;
    let area = admin.only("/admin/areas").await;
    for round in 0..5 {
        let filter = format!("/retailers?area=Comilla {round}");
        assert!(elsewhere.names(&filter).await.is_empty());
        let made = admin.post(ALIASES, body("area", area, &format!("Comilla {round}"))).await;
        let location = header(&made, "location");
        for found in [4, 0] {
            let changed = Instant::now();
            loop {
                let begun = changed.elapsed();
                if elsewhere.names(&filter).await.len() == found {
                    break;
                }
                assert!(begun < Duration::from_millis(500), "not {found} in round {round}");
            }
            if found > 0 {
                assert_eq!(admin.delete(&location).await.status(), 204);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_places_side_by_side_are_called_names_none() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let dhaka = admin.only("/admin/regions").await;
    let khulna = admin.create("/admin/regions", json!({"name": "Khulna", "nameBn": "খুলনা"})).await;
    let outside =
        admin.create("/admin/areas", json!({"name": "Savar", "nameBn": "সাভার", "region": dhaka})).await;
    let sadar = admin.create("/admin/areas", json!({"name": "Sadar", "region": dhaka})).await;
    let elsewhere = admin.create("/admin/areas", json!({"name": "Mongla", "region": khulna})).await;
    admin.create(ALIASES, body("area", outside, "Sabhar")).await;
    let same = |(field, code, detail): (String, String, String)| {
        assert_eq!((&*field, &*code, &*detail), ("alias", "same", "alias: the place is called so already"));
    };
    for own in ["Savar", "সাভার", "Sabhar"] {
        same(taken(admin.post(ALIASES, body("area", outside, own)).await).await);
        let (field, code, detail) = taken(admin.post(ALIASES, body("area", sadar, own)).await).await;
        assert_eq!((&*field, &*code), ("alias", "taken"), "{own}");
        assert_eq!(detail, "alias: another one there is called so");
        admin.create(ALIASES, body("area", elsewhere, own)).await;
        // Names are not what another one there is called, either.
        let made = admin.post("/admin/areas", json!({"name": own, "region": dhaka})).await;
        assert_eq!(taken(made).await.0, "name", "{own}");
        let renamed = admin.patch(&format!("/admin/areas/{sadar}"), json!({"name": own})).await;
        assert_eq!(taken(renamed).await.0, "name", "{own}");
    }
    // An area and a region of one name are no two of a kind, and a place may take a spelling of its own as its name.
    admin.create(ALIASES, body("region", dhaka, "Savar")).await;
    assert_eq!(taken(admin.post(ALIASES, body("region", dhaka, "খুলনা")).await).await.1, "taken");
    ok(admin.patch(&format!("/admin/areas/{outside}"), json!({"name": "Sabhar"})).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_is_told_and_only_the_office_may() {
    let app = App::new().await;
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let theirs = User::of(&app.server, "other", "admin").await;
    let (area, their_area) = (admin.only("/admin/areas").await, theirs.only("/admin/areas").await);
    for (body, expected) in [
        (json!({}), vec![("kind", "required"), ("place", "required"), ("alias", "required")]),
        (
            json!({"kind": "distributor", "place": "1", "alias": "a\tb", "name": "x"}),
            vec![
                ("kind", "invalid"),
                ("place", "wrong-type"),
                ("alias", "invalid"),
                ("name", "unknown-field"),
            ],
        ),
        (body("area", area, &"x".repeat(201)), vec![("alias", "invalid")]),
        (body("area", area, "\u{200B}"), vec![("alias", "invalid")]),
        (body("area", their_area, "x"), vec![("place", "not-found")]),
        (body("region", 999_999, "x"), vec![("place", "not-found")]),
    ] {
        let expected: Vec<_> = expected.into_iter().flat_map(|(field, code)| fault(field, code)).collect();
        assert_eq!(faults(admin.post(ALIASES, body.clone()).await).await, expected, "{body}");
    }
    for (query, field) in
        [("kind=distributor", "kind"), ("place=x", "place"), ("limit=0", "limit"), ("x=1", "x")]
    {
        assert_eq!(faults(admin.get(&format!("{ALIASES}?{query}")).await).await[0].0, field);
    }
    let id = admin.create(ALIASES, body("area", area, "Joydebpur")).await;
    let one = format!("{ALIASES}/{id}");
    assert_eq!(code(theirs.delete(&one).await).await, "not-found");
    assert!(theirs.read(ALIASES).await["data"].as_array().unwrap().is_empty());
    for (method, path) in [(Method::GET, ALIASES), (Method::POST, ALIASES), (Method::DELETE, &one)] {
        let nonsense = (method != Method::GET).then(|| json!({"nonsense": 1}));
        let response = rep.send_with(method.clone(), path, nonsense.as_ref(), &[]).await;
        assert_eq!(code(response).await, "forbidden", "{method} {path}");
        let without = app.server.request(method, path).send().await.unwrap();
        assert_eq!(without.status(), 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_walked_searched_and_narrowed() {
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
    let etag = header(&admin.get(ALIASES).await, "etag");
    let again = admin.send_with(Method::GET, ALIASES, None, &[("if-none-match", &etag)]).await;
    assert_eq!(again.status(), 304);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_changes_nothing_and_with_a_key_it_is_done_once() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let area = admin.only("/admin/areas").await;
    let new = body("area", area, "Joydebpur");
    let trial = format!("{ALIASES}?validateOnly=true");
    let key = [("idempotency-key", "k-1")];
    for _ in 0..2 {
        let shown = ok(admin.send_with(Method::POST, &trial, Some(&new), &key).await).await;
        assert_eq!((&shown["id"], &shown["alias"]), (&Value::Null, &json!("Joydebpur")));
    }
    let mut answers = Vec::new();
    for _ in 0..2 {
        let response = admin.send_with(Method::POST, ALIASES, Some(&new), &key).await;
        assert_eq!(response.status(), 201);
        answers.push((header(&response, "location"), response.json::<Value>().await.unwrap()));
    }
    assert_eq!(answers[0], answers[1]);
    let one = &answers[0].0;
    assert_eq!(admin.delete(&format!("{one}?validateOnly=true")).await.status(), 204);
    assert_eq!(admin.read(ALIASES).await["data"], json!([answers[0].1]));
    for _ in 0..2 {
        let key = [("idempotency-key", "k-2")];
        assert_eq!(admin.send_with(Method::DELETE, one, None, &key).await.status(), 204);
    }
    assert_eq!(admin.delete(one).await.status(), 404);
    let count = "SELECT count(*) FROM audit_logs WHERE entity = 'place-alias'";
    let audited: i64 = app.database.owner().await.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(audited, 2);
}
