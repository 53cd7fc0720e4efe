//! Places: managed by admins, readable by all users.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, Server, code, problem};

/// A logged-in user.
pub(crate) struct User<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> User<'a> {
    pub(crate) async fn new(app: &'a App, username: &str) -> Self {
        Self::of(&app.server, "default", username).await
    }

    pub(crate) async fn of(server: &'a Server, tenant: &str, username: &str) -> Self {
        Self { server, token: server.token(tenant, username).await }
    }

    pub(crate) async fn send_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Response {
        let mut request = self.server.request(method, path).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.send_with(method, path, Some(body), &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, &body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Response {
        self.send(Method::PATCH, path, &body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.send_with(Method::DELETE, path, None, &[]).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send_with(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// The names in a list.
    pub(crate) async fn names(&self, path: &str) -> Vec<String> {
        let page = self.read(path).await;
        let rows = page["data"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Creates a place and returns its id.
    pub(crate) async fn create(&self, path: &str, body: Value) -> i64 {
        let response = self.post(path, body.clone()).await;
        assert_eq!(response.status(), 201, "{path} {body}");
        response.json::<Value>().await.unwrap()["id"].as_i64().unwrap()
    }

    /// The id of the only place in a list.
    pub(crate) async fn only(&self, path: &str) -> i64 {
        let page = self.read(path).await;
        assert_eq!(page["data"].as_array().unwrap().len(), 1, "{path}");
        page["data"][0]["id"].as_i64().unwrap()
    }
}

pub(crate) fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

pub(crate) async fn ok(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// The fields of a 422 problem with their codes.
pub(crate) async fn field_errors(response: Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), 422);
    let body = problem(response).await;
    let errors = body["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

pub(crate) fn field_error(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[tokio::test(flavor = "multi_thread")]
async fn places_can_be_created_read_updated_and_deleted_with_both_names() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let (dhaka, gazipur) = (admin.only("/admin/regions").await, admin.only("/admin/areas").await);
    let region = json!({"id": dhaka, "name": "Dhaka"});
    for (places, parent, ancestors) in [
        ("regions", json!({}), json!({})),
        ("areas", json!({"region": dhaka}), json!({"region": region})),
        (
            "territories",
            json!({"area": gazipur}),
            json!({"area": {"id": gazipur, "name": "Gazipur"}, "region": region}),
        ),
        ("distributors", json!({}), json!({})),
    ] {
        let path = format!("/admin/{places}");
        let with = |body: Value, members: &Value| {
            let mut body = body;
            body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            body
        };
        let response = admin.post(&path, with(json!({"name": " Sylhet ", "nameBn": "সিলেট"}), &parent)).await;
        assert_eq!(response.status(), 201, "{places}");
        let (location, etag) = (header(&response, "location"), header(&response, "etag"));
        assert!(etag.starts_with("\"1-"), "{etag}");
        let created: Value = response.json().await.unwrap();
        let id = &created["id"];
        assert_eq!(location, format!("{path}/{id}"));
        let expected = |name: &str, name_bn: Value, version: i64| {
            with(json!({"id": id, "name": name, "nameBn": name_bn, "version": version}), &ancestors)
        };
        assert_eq!(created, expected("Sylhet", json!("সিলেট"), 1));
        let read = admin.get(&location).await;
        assert_eq!(header(&read, "etag"), etag, "{places}");
        assert_eq!(ok(read).await, created);
        // Both lists contain it immediately; the list for selection omits the version.
        let page = admin.read(&format!("{path}?q=সিলে")).await;
        assert_eq!(page["data"], json!([created]));
        assert_eq!(page["page"], json!({"limit": 20, "nextCursor": null, "hasMore": false}));
        let mut listed = created.clone();
        listed.as_object_mut().unwrap().remove("version");
        assert_eq!(admin.read(&format!("/{places}?q=SYLHET")).await["data"], json!([listed]));

        let patched = ok(admin.patch(&location, json!({"name": "Srihatta"})).await).await;
        assert_eq!(patched, expected("Srihatta", json!("সিলেট"), 2));
        let cleared = ok(admin.patch(&location, json!({"nameBn": null})).await).await;
        assert_eq!(cleared, expected("Srihatta", Value::Null, 3));
        let put = with(json!({"name": "Sylhet", "nameBn": "শ্রীহট্ট"}), &parent);
        assert_eq!(
            ok(admin.send(Method::PUT, &location, &put).await).await,
            expected("Sylhet", json!("শ্রীহট্ট"), 4)
        );
        // PUT replaces the whole place: an absent member is cleared.
        let put = with(json!({"name": "Sylhet"}), &parent);
        assert_eq!(
            ok(admin.send(Method::PUT, &location, &put).await).await,
            expected("Sylhet", Value::Null, 5)
        );
        let missing = admin.send(Method::PUT, &location, &json!({"nameBn": "x"})).await;
        assert_eq!(field_errors(missing).await.len(), 1 + usize::from(parent != json!({})), "{places}");
        assert_eq!(admin.read(&location).await, expected("Sylhet", Value::Null, 5));

        assert_eq!(admin.delete(&location).await.status(), 204);
        assert_eq!(code(admin.get(&location).await).await, "not-found");
        assert_eq!(admin.delete(&location).await.status(), 404);
        assert_eq!(admin.names(&format!("{path}?q=Sylhet")).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_real_changes_of_places_are_in_the_audit_log_and_feed() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let id = admin.create("/admin/distributors", json!({"name": "Karim Traders"})).await;
    let path = format!("/admin/distributors/{id}");
    let request = [("x-request-id", "req-7")];
    let body = json!({"nameBn": "করিম ট্রেডার্স"});
    ok(admin.send_with(Method::PATCH, &path, Some(&body), &request).await).await;
    // Setting the same values is not a change.
    for body in [json!({}), json!({"name": "Karim Traders", "nameBn": "করিম ট্রেডার্স"})]
    {
        assert_eq!(ok(admin.patch(&path, body).await).await["version"], 2);
    }
    assert_eq!(admin.delete(&path).await.status(), 204);
    let owner = app.database.owner().await;
    let rows = owner
        .query(
            "SELECT action, entity, entity_id, before, after, request_id, actor_id, tenant_id FROM audit_logs WHERE entity <> 'session' ORDER BY id",
            &[],
        )
        .await
        .unwrap();
    let actions: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["distributor.create", "distributor.update", "distributor.delete"]);
    let first = json!({"name": "Karim Traders", "nameBn": null, "version": 1});
    let second = json!({"name": "Karim Traders", "nameBn": "করিম ট্রেডার্স", "version": 2});
    let snapshots: Vec<(Option<Value>, Option<Value>)> =
        rows.iter().map(|row| (row.get(3), row.get(4))).collect();
    assert_eq!(
        snapshots,
        [(None, Some(first.clone())), (Some(first), Some(second.clone())), (Some(second), None)]
    );
    for row in &rows {
        assert_eq!((row.get::<_, &str>(1), row.get::<_, String>(2)), ("distributor", id.to_string()));
        assert_eq!(row.get::<_, i64>(6), app.fixture.ours.admin.id);
        assert_eq!(row.get::<_, i64>(7), app.fixture.ours.tenant);
    }
    assert_eq!(rows[1].get::<_, &str>(5), "req-7");
    let feed = owner
        .query("SELECT entity, entity_id, kind, sales_rep_id FROM changes ORDER BY tx_id, id", &[])
        .await
        .unwrap();
    let feed: Vec<(&str, i64, &str, Option<i64>)> =
        feed.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    assert_eq!(feed, ["created", "updated", "deleted"].map(|kind| ("distributor", id, kind, None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_unique_among_siblings() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let (dhaka, gazipur) = (admin.only("/admin/regions").await, admin.only("/admin/areas").await);
    let khulna = admin.create("/admin/regions", json!({"name": "Khulna"})).await;
    let other = admin.create("/admin/areas", json!({"name": "Gazipur", "region": khulna})).await;
    let sadar = admin.create("/admin/areas", json!({"name": "Sadar", "region": khulna})).await;
    admin.create("/admin/territories", json!({"name": "Kaliganj", "area": other})).await;
    let conflicts = [
        admin.post("/admin/regions", json!({"name": "Dhaka"})).await,
        admin.post("/admin/areas", json!({"name": "Gazipur", "region": dhaka})).await,
        admin.post("/admin/territories", json!({"name": "Kaliganj", "area": gazipur})).await,
        admin.post("/admin/distributors", json!({"name": "Rahman Traders"})).await,
        admin.patch(&format!("/admin/regions/{khulna}"), json!({"name": "Dhaka"})).await,
        admin.patch(&format!("/admin/areas/{sadar}"), json!({"name": "Gazipur"})).await,
        // A move can conflict in the target region.
        admin.patch(&format!("/admin/areas/{other}"), json!({"region": dhaka})).await,
        admin
            .send(Method::PUT, &format!("/admin/areas/{sadar}"), &json!({"name": "Gazipur", "region": dhaka}))
            .await,
    ];
    for (number, response) in conflicts.into_iter().enumerate() {
        assert_eq!(response.status(), 409, "{number}");
        let body = problem(response).await;
        assert_eq!(body["code"], "already-exists");
        let error = &body["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!("name"), &json!("taken")));
    }
    let areas = admin.read("/admin/areas?q=Gazipur").await;
    assert_eq!(areas["data"].as_array().unwrap().len(), 2);
    // With another name, the move succeeds.
    let path = format!("/admin/areas/{other}");
    let moved = ok(admin.patch(&path, json!({"region": dhaka, "name": "Gazipur 2"})).await).await;
    assert_eq!(moved["region"], json!({"id": dhaka, "name": "Dhaka"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_invalid_places_by_field() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let theirs = User::of(&app.server, "other", "admin").await;
    let (dhaka, theirs_region) = (admin.only("/admin/regions").await, theirs.only("/admin/regions").await);
    let theirs_area = theirs.only("/admin/areas").await;
    let area = format!("/admin/areas/{}", admin.only("/admin/areas").await);
    let territory = format!("/admin/territories/{}", admin.only("/admin/territories").await);
    let long = "ক".repeat(300);
    let mut bad = vec![
        (json!({"name": "x", "region": theirs_region}), field_error("region", "not-found")),
        (json!({"name": "x", "region": 999_999}), field_error("region", "not-found")),
        (json!({"name": "x", "region": -1}), field_error("region", "not-found")),
        (json!({"name": "x", "region": "1"}), field_error("region", "wrong-type")),
        (json!({"name": "x", "region": null}), field_error("region", "required")),
        (json!({"name": 7, "region": dhaka}), field_error("name", "wrong-type")),
        (json!({"name": "x", "region": dhaka, "nameBn": " "}), field_error("nameBn", "required")),
        (json!({"name": "x", "region": dhaka, "version": 1}), field_error("version", "unknown-field")),
    ];
    for (names, code) in [
        (&["", "   ", "\u{A0}\u{3000}", "\u{200B}\u{200D}"][..], "required"),
        (&["a\u{0}b", "a\nb", "a\u{7f}"], "invalid-characters"),
        (&[&long], "too-long"),
    ] {
        for name in names {
            bad.push((json!({"name": name, "region": dhaka}), field_error("name", code)));
        }
    }
    for (body, expected) in &bad {
        assert_eq!(field_errors(admin.post("/admin/areas", body.clone()).await).await, *expected, "{body}");
        let dry_run = admin.post("/admin/areas?validateOnly=true", body.clone()).await;
        assert_eq!(field_errors(dry_run).await, *expected, "{body}");
        let code = |response| async { field_errors(response).await };
        let expected_of_patch =
            if body["region"].is_null() { field_error("region", "required") } else { expected.clone() };
        assert_eq!(code(admin.patch(&area, body.clone()).await).await, expected_of_patch, "{body}");
    }
    assert_eq!(
        field_errors(admin.patch(&area, json!({"name": null})).await).await,
        field_error("name", "required")
    );
    assert_eq!(
        field_errors(admin.patch(&territory, json!({"area": theirs_area})).await).await,
        field_error("area", "not-found")
    );
    assert_eq!(
        field_errors(admin.patch(&territory, json!({"region": dhaka})).await).await,
        field_error("region", "unknown-field")
    );
    let all = admin.post("/admin/areas?colour=red", json!({"name": "", "region": "x", "a": 1})).await;
    assert_eq!(field_errors(all).await.len(), 4, "all errors at once");
    assert_eq!(
        field_errors(admin.delete(&format!("{area}?force=true")).await).await,
        field_error("force", "unknown-field")
    );
    let bangla = admin
        .send_with(
            Method::POST,
            "/admin/areas",
            Some(&json!({"name": "x", "region": 0})),
            &[("accept-language", "bn")],
        )
        .await;
    assert!(!problem(bangla).await["errors"][0]["message"].as_str().unwrap().is_ascii());
    // Names at the limit are valid in any script.
    admin.create("/admin/regions", json!({"name": "ক".repeat(200), "nameBn": "খ".repeat(200)})).await;
    assert_eq!(admin.names("/admin/areas").await, ["Gazipur"]);
    assert_eq!(admin.read(&area).await["version"], 1);
    let owner = app.database.owner().await;
    let count =
        owner.query_one("SELECT count(*) FROM audit_logs WHERE entity <> 'session'", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_in_use_cannot_be_deleted_and_references_are_counted() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let region = admin.only("/admin/regions").await;
    let area = admin.only("/admin/areas").await;
    let territory = admin.only("/admin/territories").await;
    let distributor = admin.only("/admin/distributors").await;
    admin.create("/admin/areas", json!({"name": "Savar", "region": region})).await;
    admin.create("/admin/territories", json!({"name": "Tongi", "area": area})).await;
    admin.create("/teams", json!({"name": "North", "area": area})).await;
    let manager = json!([{"role": "regional_manager", "regions": [region]}]);
    admin.create("/users", json!({"username": "nila", "name": "Nila", "roles": manager})).await;
    let owner = app.database.owner().await;
    owner
        .batch_execute("UPDATE retailers SET deleted_at = now() WHERE uid IN ('RTL-0005', 'RTL-0006')")
        .await
        .unwrap();
    let retailers = json!({"retailers": 4, "deletedRetailers": 2});
    for (path, references) in [
        (
            format!("/admin/regions/{region}"),
            json!({"areas": 2, "territories": 2, "roles": 1, "retailers": 4, "deletedRetailers": 2}),
        ),
        (
            format!("/admin/areas/{area}"),
            json!({"territories": 2, "teams": 1, "roles": 0, "retailers": 4, "deletedRetailers": 2}),
        ),
        (format!("/admin/territories/{territory}"), retailers),
        (
            format!("/admin/distributors/{distributor}"),
            json!({"roles": 0, "retailers": 4, "deletedRetailers": 2}),
        ),
    ] {
        for query in ["", "?validateOnly=true"] {
            let response = admin.delete(&format!("{path}{query}")).await;
            assert_eq!(response.status(), 409, "{path}");
            let body = problem(response).await;
            assert_eq!((&body["code"], &body["references"]), (&json!("in-use"), &references), "{path}");
        }
        assert_eq!(admin.get(&path).await.status(), 200);
    }
    // Deleted retailers count as references too, because they can be restored.
    owner
        .batch_execute("DELETE FROM sales_rep_retailers; UPDATE retailers SET deleted_at = now()")
        .await
        .unwrap();
    let body = problem(admin.delete(&format!("/admin/territories/{territory}")).await).await;
    assert_eq!(body["references"], json!({"retailers": 0, "deletedRetailers": 6}));
    // Aliases are not references: they are deleted with the place.
    owner
        .batch_execute(&format!(
            "DELETE FROM retailers; INSERT INTO place_aliases (tenant_id, kind, territory_id, alias) \
             VALUES ({}, 'territory', {territory}, 'Kaligonj')",
            app.fixture.ours.tenant
        ))
        .await
        .unwrap();
    assert_eq!(admin.delete(&format!("/admin/territories/{territory}")).await.status(), 204);
    assert_eq!(admin.delete(&format!("/admin/distributors/{distributor}")).await.status(), 204);
    assert_eq!(admin.names("/territories").await, ["Tongi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn place_changes_with_a_stale_if_match_are_rejected() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let path = format!("/admin/regions/{}", admin.create("/admin/regions", json!({"name": "Khulna"})).await);
    let seen = header(&admin.get(&path).await, "etag");
    let send = async |method: Method, body: Option<Value>, tag: &str| {
        admin.send_with(method, &path, body.as_ref(), &[("if-match", tag)]).await
    };
    let changed = send(Method::PATCH, Some(json!({"nameBn": "খুলনা"})), &seen).await;
    let now = header(&changed, "etag");
    assert_eq!(ok(changed).await["version"], 2);
    for (method, body) in [
        (Method::PATCH, Some(json!({"nameBn": null}))),
        (Method::PUT, Some(json!({"name": "Khulna"}))),
        (Method::DELETE, None),
    ] {
        assert_eq!(code(send(method, body, &seen).await).await, "precondition-failed");
    }
    assert_eq!(send(Method::PATCH, Some(json!({"name": "Jashore"})), "\"2\"").await.status(), 200);
    assert_ne!(now, seen);
    assert_eq!(send(Method::DELETE, None, "*").await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn place_lists_support_paging_search_and_filters() {
    let app = App::new().await;
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let dhaka = admin.only("/admin/regions").await;
    let khulna = admin.create("/admin/regions", json!({"name": "Khulna", "nameBn": "খুলনা"})).await;
    for (name, region) in [("Sadar", dhaka), ("Sadar", khulna), ("বাগেরহাট", khulna), ("Mongla", khulna)]
    {
        admin.create("/admin/areas", json!({"name": name, "region": region})).await;
    }
    let sadar = admin.read("/areas?q=sadar&region=Khulna").await["data"][0]["id"].as_i64().unwrap();
    admin.create("/admin/territories", json!({"name": "Rupsha", "area": sadar})).await;
    for prefix in ["", "/admin"] {
        let user = if prefix.is_empty() { &rep } else { &admin };
        let mut names = Vec::new();
        let mut path = format!("{prefix}/areas?limit=2");
        loop {
            let page = user.read(&path).await;
            names.extend(
                page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["page"]["nextCursor"].as_str() else { break };
            path = format!("{prefix}/areas?limit=2&cursor={next}");
        }
        assert_eq!(names, ["Gazipur", "Mongla", "Sadar", "Sadar", "বাগেরহাট"]);
        let cursor = user.read(&format!("{prefix}/areas?limit=2")).await["page"]["nextCursor"]
            .as_str()
            .unwrap()
            .to_owned();
        for other in ["areas?q=a", "areas?region=1", "regions?", "territories?"] {
            let response = user.get(&format!("{prefix}/{other}&cursor={cursor}")).await;
            assert_eq!(code(response).await, "invalid-cursor", "{other}");
        }
        for (query, names) in [
            (format!("areas?region={khulna}"), vec!["Mongla", "Sadar", "বাগেরহাট"]),
            ("areas?region=খুলনা&q=SAD".into(), vec!["Sadar"]),
            ("areas?region=Atlantis".into(), vec![]),
            ("areas?region=999".into(), vec![]),
            ("areas?q=".into(), vec!["Gazipur", "Mongla", "Sadar", "Sadar", "বাগেরহাট"]),
            ("territories?region=Khulna".into(), vec!["Rupsha"]),
            ("territories?area=SADAR&region=Khulna".into(), vec!["Rupsha"]),
            (format!("territories?area={sadar}&region={dhaka}"), vec![]),
            ("distributors?q=rahman".into(), vec!["Rahman Traders"]),
        ] {
            assert_eq!(user.names(&format!("{prefix}/{query}")).await, names, "{query}");
        }
        for (query, field) in [
            ("areas?area=1", "area"),
            ("regions?region=1", "region"),
            ("areas?limit=201", "limit"),
            ("distributors?sort=name", "sort"),
        ] {
            assert_eq!(
                field_errors(user.get(&format!("{prefix}/{query}")).await).await[0].0,
                field,
                "{query}"
            );
        }
        let long = format!("{prefix}/regions?q={}", "x".repeat(101));
        assert_eq!(field_errors(user.get(&long).await).await, field_error("q", "too-long"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn place_lists_return_304_until_the_map_changes() {
    let app = App::new().await;
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let area = format!("/admin/areas/{}", admin.only("/admin/areas").await);
    let etag = header(&rep.get("/areas").await, "etag");
    let again = rep.send_with(Method::GET, "/areas", None, &[("if-none-match", &etag)]).await;
    assert_eq!(again.status(), 304);
    // The list of areas contains the name of the region.
    let region = format!("/admin/regions/{}", admin.only("/admin/regions").await);
    for (number, (path, body)) in
        [(&region, json!({"name": "Dacca"})), (&area, json!({"nameBn": "গাজীপুর"}))].into_iter().enumerate()
    {
        ok(admin.patch(path, body).await).await;
        let changed = rep.send_with(Method::GET, "/areas", None, &[("if-none-match", &etag)]).await;
        assert_eq!(changed.status(), 200);
        let page: Value = changed.json().await.unwrap();
        let row = &page["data"][0];
        assert_eq!(row["region"]["name"], "Dacca");
        assert_eq!(row["nameBn"].is_null(), number == 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_names_are_visible_immediately_and_soon_in_another_process() {
    let long_connect_timeout = [("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
    let app = App::with(&long_connect_timeout).await;
    let other = Server::start(&app.database.app_url(), &long_connect_timeout);
    let (admin, rep) = (User::new(&app, "admin").await, User::new(&app, "sr00001").await);
    let remote = User { server: &other, token: rep.token.clone() };
    let region = format!("/admin/regions/{}", admin.only("/admin/regions").await);
    for round in 0..10 {
        // Fill the caches.
        for path in ["/retailers", "/retailers/RTL-0001", "/regions", "/areas"] {
            rep.read(path).await;
            remote.read(path).await;
        }
        let etag = header(&rep.get("/retailers").await, "etag");
        let name = format!("Region {round}");
        ok(admin.patch(&region, json!({"name": name})).await).await;
        let changed = Instant::now();
        assert_eq!(rep.read("/retailers/RTL-0001").await["region"]["name"], *name);
        let list = rep.get("/retailers").await;
        assert_ne!(header(&list, "etag"), etag);
        assert_eq!(ok(list).await["data"][0]["region"]["name"], *name);
        assert_eq!(rep.read("/regions").await["data"][0]["name"], *name);
        loop {
            let begun = changed.elapsed();
            let seen = [
                remote.read("/retailers/RTL-0001").await["region"]["name"].clone(),
                remote.read("/retailers").await["data"][0]["region"]["name"].clone(),
                remote.read("/areas").await["data"][0]["region"]["name"].clone(),
            ];
            if seen.iter().all(|seen| *seen == *name) {
                break;
            }
            assert!(begun < Duration::from_millis(500), "{seen:?} in round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn place_names_are_in_bangla_on_request() {
    let app = App::new().await;
    let tag = async |path: &str| {
        let response = app.get_as("sr00001", path).await;
        assert_eq!(response.status(), 200, "{path}");
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        (tag, response.json::<Value>().await.unwrap())
    };
    // Twice: the second response is from memory.
    for _ in 0..2 {
        let (english, page) = tag("/retailers?limit=1").await;
        assert_eq!(page["data"][0]["region"]["name"], "Dhaka");
        let (bangla, page) = tag("/retailers?limit=1&lang=bn").await;
        let row = &page["data"][0];
        assert_eq!((&row["region"]["name"], &row["area"]["name"]), (&json!("ঢাকা"), &json!("Gazipur")));
        assert_ne!(english, bangla);
        assert_eq!(tag("/retailers?limit=1&lang=en").await.0, english);
        // A cursor continues in any language.
        let cursor = page["page"]["nextCursor"].as_str().unwrap();
        let (_, next) = tag(&format!("/retailers?limit=1&cursor={cursor}")).await;
        assert_eq!(next["data"][0]["region"]["name"], "Dhaka");
    }
    assert_eq!(tag("/retailers/RTL-0001?lang=bn").await.1["region"]["name"], "ঢাকা");
    assert_eq!(tag("/retailers/RTL-0001").await.1["region"]["name"], "Dhaka");
    let rep = app.fixture.ours.rep.id;
    for path in [
        "/admin/retailers?lang=bn".to_owned(),
        format!("/admin/sales-reps/{rep}/retailers?lang=bn"),
        "/areas?lang=bn".to_owned(),
        "/territories?lang=bn".to_owned(),
        "/admin/territories?lang=bn".to_owned(),
    ] {
        let page: Value = app.get_as("admin", &path).await.json().await.unwrap();
        assert_eq!(page["data"][0]["region"]["name"], "ঢাকা", "{path}");
    }
    let (_, regions) = tag("/regions?lang=bn").await;
    assert_eq!((&regions["data"][0]["name"], &regions["data"][0]["nameBn"]), (&json!("ঢাকা"), &json!("ঢাকা")));
    let found: Value = app.get_as("admin", "/admin/retailers/RTL-0001?lang=bn").await.json().await.unwrap();
    assert_eq!(found["region"]["name"], "ঢাকা");
    for path in ["/retailers?lang=fr", "/retailers/RTL-0001?lang=", "/regions?lang=BN"] {
        assert_eq!(app.get_as("sr00001", path).await.status(), 422, "{path}");
    }
}
