//! Searches by words in any order and in either script.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

async fn names(app: &App, user: &str, path: &str) -> (Vec<String>, Value) {
    let response = app.get_as(user, path).await;
    assert_eq!(response.status(), 200, "{path}");
    let page: Value = response.json().await.unwrap();
    let names = page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
    (names.collect(), page["page"].clone())
}

/// Adds retailers with these names, with uids `NEW-1` and so on.
async fn add(app: &App, names: &[&str]) {
    let owner = app.database.owner().await;
    let statement =
        "SELECT t.id FROM territories t JOIN tenants n ON n.id = t.tenant_id AND n.slug = 'default'";
    let territory: i64 = owner.query_one(statement, &[]).await.unwrap().get(0);
    let token = app.server.token("default", "admin").await;
    for (number, name) in names.iter().enumerate() {
        let body = json!({"uid": format!("NEW-{}", number + 1), "name": name, "territory": territory});
        let request = app.server.request(Method::POST, "/admin/retailers").bearer_auth(&token).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 201, "{name}");
    }
}

const NAMES: [&str; 6] =
    ["নূর স্টোর", "Nur Mohammad Store", "রহিম স্টোর", "Rahim Store", "Store Rahim", "নূরজাহান স্টোর"];

#[tokio::test(flavor = "multi_thread")]
async fn each_script_finds_names_in_the_other_after_matches_of_the_text() {
    let app = App::new().await;
    add(&app, &NAMES).await;
    for (query, expected) in [
        ("nur", vec!["Nur Mohammad Store", "নূর স্টোর"]),
        ("নূর", vec!["নূর স্টোর", "নূরজাহান স্টোর", "Nur Mohammad Store"]),
        ("rahim store", vec!["Rahim Store", "Store Rahim", "রহিম স্টোর"]),
        ("store rahim", vec!["Store Rahim", "Rahim Store", "রহিম স্টোর"]),
        ("স্টোর রহিম", vec!["Rahim Store", "Store Rahim", "রহিম স্টোর"]),
        ("rahim স্টোর", vec!["Rahim Store", "Store Rahim", "রহিম স্টোর"]),
        ("store new-4", vec!["Rahim Store"]),
        ("karim store", vec![]),
    ] {
        for list in ["/retailers", "/admin/retailers"] {
            let (found, page) = names(&app, "admin", &format!("{list}?includeTotal=true&q={query}")).await;
            assert_eq!(found, expected, "{list} {query}");
            assert_eq!(page["total"], expected.len(), "{list} {query}");
        }
    }
    let (reversed, _) = names(&app, "admin", "/retailers?sort=-name&q=store rahim").await;
    assert_eq!(reversed, ["Store Rahim", "রহিম স্টোর", "Rahim Store"]);
    let token = app.server.token("default", "admin").await;
    let file = app.server.request(Method::GET, "/admin/retailers/export?q=rahim store").bearer_auth(token);
    let file = file.send().await.unwrap().text().await.unwrap();
    assert_eq!(file.lines().count(), 4, "an export contains the retailers of the list:\n{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_contain_each_match_once() {
    let app = App::new().await;
    add(&app, &NAMES).await;
    for (limit, sort) in [(1, "name"), (2, "name"), (3, "-name"), (1, "-uid")] {
        let path = format!("/retailers?limit={limit}&sort={sort}&q=rahim store");
        let (mut found, mut page) = names(&app, "admin", &path).await;
        while let Some(cursor) = page["nextCursor"].as_str() {
            let (next, following) = names(&app, "admin", &format!("{path}&cursor={cursor}")).await;
            assert!(!next.is_empty(), "a next page has rows");
            found.extend(next);
            page = following;
        }
        assert_eq!(found.first().map(String::as_str), Some("Rahim Store"), "{path}");
        found.sort_unstable();
        assert_eq!(found, ["Rahim Store", "Store Rahim", "রহিম স্টোর"], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_search_their_own_retailers_by_words() {
    let app = App::new().await;
    for (query, expected) in [("store ma", 3), ("ma", 3), ("স্টোর shop", 0), ("4 shop", 1)] {
        let (found, page) = names(&app, "sr00001", &format!("/retailers?page=1&q={query}")).await;
        assert_eq!((found.len(), &page["total"]), (expected, &json!(expected)), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_retailer_is_found_by_the_sound_of_its_new_name() {
    let app = App::new().await;
    add(&app, &["Karim Store"]).await;
    let token = app.server.token("default", "admin").await;
    let body = json!({"name": "জাহাঙ্গীর স্টোর"});
    let request = app.server.request(Method::PATCH, "/admin/retailers/NEW-1").bearer_auth(token).json(&body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    for (query, expected) in [("jahangir", 1), ("karim", 0)] {
        assert_eq!(names(&app, "admin", &format!("/retailers?q={query}")).await.0.len(), expected, "{query}");
    }
}
