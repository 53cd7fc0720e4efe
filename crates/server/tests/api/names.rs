//! Names and codes are unique and found without case, extra blanks and invisible characters.

use haat_persistence_adapter::{NameTwins, fill_unique_names};
use reqwest::Method;
use serde_json::{Value, json};

use crate::import::import_file;
use crate::map::{User, field_error, field_errors, ok};
use crate::support::App;

const SPELLINGS: [&str; 4] = ["Sadar", "SADAR", "Sadar\u{200B}", "Sadar  "];

/// Returns the fields of a 409, with their codes.
async fn taken(response: reqwest::Response) -> Vec<String> {
    assert_eq!(response.status(), 409);
    let problem = crate::support::problem(response).await;
    problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_unique_by_every_name_under_their_parent() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let (region, area) = (admin.only("/admin/regions").await, admin.only("/admin/areas").await);
    for (path, parent) in [
        ("/admin/regions", json!({})),
        ("/admin/areas", json!({"region": region})),
        ("/admin/territories", json!({"area": area})),
        ("/admin/distributors", json!({})),
    ] {
        let with = |names: Value| {
            let mut body = parent.clone();
            body.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
            body
        };
        let first = admin.create(path, with(json!({"name": "Sadar", "nameBn": "সদর"}))).await;
        for name in SPELLINGS {
            assert_eq!(
                taken(admin.post(path, with(json!({"name": name}))).await).await,
                ["name"],
                "{name:?}"
            );
            let names = with(json!({"name": "Other", "nameBn": name}));
            assert_eq!(taken(admin.post(path, names).await).await, ["nameBn"], "{name:?}");
        }
        assert_eq!(taken(admin.post(path, with(json!({"name": "সদর "}))).await).await, ["name"]);
        let other = admin.create(path, with(json!({"name": "Other", "nameBn": "অন্য"}))).await;
        let rename = async |id: i64, body: Value| admin.patch(&format!("{path}/{id}"), body).await;
        assert_eq!(taken(rename(other, json!({"name": "sadar"})).await).await, ["name"]);
        assert_eq!(taken(rename(other, json!({"nameBn": "Sadar"})).await).await, ["nameBn"]);
        ok(rename(first, json!({"name": "SADAR"})).await).await;
        ok(rename(other, json!({"nameBn": "OTHER"})).await).await;
    }
    let sadar = admin.read("/admin/territories?q=sadar").await["data"][0]["id"].as_i64().unwrap();
    let alias = |place: i64, alias: &str| json!({"kind": "territory", "place": place, "alias": alias});
    let other = admin.read("/admin/territories?q=other").await["data"][0]["id"].as_i64().unwrap();
    for name in SPELLINGS {
        assert_eq!(taken(admin.post("/admin/place-aliases", alias(other, name)).await).await, ["alias"]);
    }
    admin.create("/admin/place-aliases", alias(sadar, "Town")).await;
    let body = json!({"area": area, "name": "TOWN"});
    assert_eq!(taken(admin.post("/admin/territories", body).await).await, ["name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_does_not_move_beside_a_namesake() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let region = admin.only("/admin/regions").await;
    let from = admin.create("/admin/areas", json!({"name": "From", "region": region})).await;
    let to = admin.create("/admin/areas", json!({"name": "To", "region": region})).await;
    admin.create("/admin/territories", json!({"name": "Bazar", "area": to})).await;
    let place = admin.create("/admin/territories", json!({"name": "BAZAR", "area": from})).await;
    let path = format!("/admin/territories/{place}");
    assert_eq!(taken(admin.patch(&path, json!({"area": to})).await).await, ["name"]);
    ok(admin.patch(&path, json!({"name": "Market"})).await).await;
    let alias = json!({"kind": "territory", "place": place, "alias": "bazar "});
    admin.create("/admin/place-aliases", alias).await;
    assert_eq!(taken(admin.patch(&path, json!({"area": to})).await).await, ["area"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_fold_names_and_refuse_ambiguous_ones() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let gazipur = admin.only("/admin/areas").await;
    let khulna = admin.create("/admin/regions", json!({"name": "Khulna"})).await;
    let other = admin.create("/admin/areas", json!({"name": "GAZIPUR", "region": khulna})).await;
    let territory = admin.create("/admin/territories", json!({"name": "kaliganj", "area": other})).await;
    let add = async |uid: &str, territory: i64| {
        let body = json!({"uid": uid, "name": format!("Shop {uid}"), "territory": territory});
        assert_eq!(admin.post("/admin/retailers", body).await.status(), 201);
    };
    add("KAL-1", territory).await;
    let lists = [("/admin/retailers", "q=shop"), ("/admin/retailers/export", ""), ("/admin/territories", "")];
    for (path, rest) in lists {
        let ambiguous = async |query: &str| admin.get(&format!("{path}?{query}&{rest}")).await;
        assert_eq!(
            field_errors(ambiguous("area=gazipur").await).await,
            field_error("area", "ambiguous"),
            "{path}"
        );
        let detail = crate::support::problem(ambiguous("area=gazipur").await).await["errors"][0].clone();
        let message = detail["message"].as_str().unwrap();
        for part in [format!("Gazipur, Dhaka (id {gazipur})"), format!("GAZIPUR, Khulna (id {other})")] {
            assert!(message.contains(&part), "{message}");
        }
        for query in ["area=gazipur&region=KHULNA", "area=GAZIPUR", "region=khulna%20"] {
            let found = ambiguous(query).await;
            assert_eq!(found.status(), 200, "{path} {query}");
            let text = found.text().await.unwrap();
            assert!(text.contains("KAL-1") || text.contains("kaliganj"), "{path} {query}: {text}");
            assert!(!text.contains("RTL-0001"), "{path} {query}");
        }
    }
    let filter = json!({"filter": {"territory": "KALIGANJ"}, "to": [app.fixture.ours.rep.id]});
    let ambiguous = admin.post("/admin/assignments/plans", filter).await;
    assert_eq!(field_errors(ambiguous).await, field_error("filter.territory", "ambiguous"));
}

#[tokio::test(flavor = "multi_thread")]
async fn uids_are_unique_and_found_in_any_case() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let rep = User::new(&app, app.fixture.ours.rep.username).await;
    let territory = admin.only("/admin/territories").await;
    let body = json!({"uid": "rtl-0001", "name": "Twin", "territory": territory});
    assert_eq!(taken(admin.post("/admin/retailers", body).await).await, ["uid"]);
    let uid = async |response: reqwest::Response| ok(response).await["uid"].as_str().unwrap().to_owned();
    assert_eq!(uid(rep.get("/retailers/rtl-0001").await).await, "RTL-0001");
    assert_eq!(uid(rep.patch("/retailers/Rtl-0001", json!({"points": 77})).await).await, "RTL-0001");
    assert_eq!(uid(admin.get("/admin/retailers/rtl-0001").await).await, "RTL-0001");
    assert_eq!(
        uid(admin.patch("/admin/retailers/rtl-0001", json!({"name": "Mita"})).await).await,
        "RTL-0001"
    );
    let spans = ok(admin.get("/admin/retailers/rtl-0001/assignments").await).await;
    assert_eq!(spans["data"].as_array().unwrap().len(), 1, "{spans}");
    assert_eq!(rep.get("/retailers/rtl-9999").await.status(), 404);
    let group =
        json!({"salesRep": app.fixture.ours.other_rep.id, "retailers": ["rtl-0001", "RTL-0001", "Rtl-0002"]});
    let assigned = ok(admin.post("/admin/assignments/bulk", json!({"assignments": [group]})).await).await;
    assert_eq!(assigned["assigned"], 2, "{assigned}");
    let (from, to) = (app.fixture.ours.other_rep.id, app.fixture.ours.rep.id);
    let transfer = json!({"from": from, "to": [to], "retailers": ["rtl-0002", "rtl-9999"]});
    let moved = ok(admin.post("/admin/assignments/transfer", transfer).await).await;
    assert_eq!((&moved["moved"], &moved["outcome"]), (&json!(1), &json!("partial")), "{moved}");
    let audited = admin.read("/admin/audit?entity=retailer&limit=200").await;
    for entry in audited["data"].as_array().unwrap() {
        assert!(!entry["entityId"].as_str().unwrap().starts_with("rtl"), "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_change_the_case_of_uids() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let import =
        import_file(&app.server, "?mode=update", "uid,name\nrtl-0001,Changed\nRtl-0002,Other\n").await;
    assert_eq!((&import["rows"]["updated"], &import["rows"]["failed"]), (&json!(2), &json!(0)), "{import}");
    assert_eq!(admin.read("/admin/retailers/RTL-0001").await["name"], "Changed");
    let twice = import_file(&app.server, "?mode=update", "uid,name\nrtl-0001,A\nRTL-0001,B\n").await;
    assert_eq!(twice["rows"]["failed"], 2, "{twice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn employee_codes_are_unique_without_case() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let rep =
        |username: &str, code: &str| json!({"username": username, "name": username, "employeeCode": code});
    let created = admin.post("/admin/sales-reps", rep("one", "E 17/a")).await;
    assert_eq!(created.status(), 201);
    let id = created.json::<Value>().await.unwrap()["id"].as_i64().unwrap();
    for code in ["e 17/A", "E  17/a"] {
        assert_eq!(taken(admin.post("/admin/sales-reps", rep("two", code)).await).await, ["employeeCode"]);
    }
    let path = format!("/admin/sales-reps/{id}");
    ok(admin.patch(&path, json!({"employeeCode": "e 17/A"})).await).await;
    assert_eq!(taken(admin.post("/admin/sales-reps", rep("two", "E 17/a")).await).await, ["employeeCode"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_shared_from_earlier_are_listed_until_they_are_renamed() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    let territory = "INSERT INTO territories (tenant_id, area_id, name) \
                     SELECT tenant_id, id, $1 FROM areas WHERE tenant_id = 1 RETURNING id";
    let mut ids = Vec::new();
    for name in ["Sadar", "SADAR"] {
        ids.push(owner.query_one(territory, &[&name]).await.unwrap().get::<_, i64>(0));
    }
    let reps = [app.fixture.ours.rep.id, app.fixture.ours.other_rep.id];
    for (id, code) in reps.iter().zip(["E-1", "e-1"]) {
        let update = "UPDATE sales_reps SET employee_code = $1, employee_code_key = NULL WHERE id = $2";
        owner.execute(update, &[&code, id]).await.unwrap();
    }
    let update =
        "UPDATE retailers SET uid = 'rtl-0001', uid_twin = 1 WHERE tenant_id = 1 AND uid = 'RTL-0002'";
    assert_eq!(owner.execute(update, &[]).await.unwrap(), 1);
    let twins = fill_unique_names(&app.database.owner_config()).await.unwrap();
    let twin = |entity, rows| NameTwins { entity, rows };
    assert_eq!(twins, [twin("territory", 1), twin("sales-rep", 1), twin("retailer", 1)]);
    assert_eq!(fill_unique_names(&app.database.owner_config()).await.unwrap(), twins, "nothing more to fill");

    let admin = User::new(&app, "admin").await;
    let listed = admin.read("/admin/duplicates").await;
    let rows: Vec<(String, String, Vec<String>)> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let ids =
                item["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
            (item["entity"].as_str().unwrap().into(), item["name"].as_str().unwrap().into(), ids.collect())
        })
        .collect();
    let row =
        |entity: &str, name: &str, ids: [&str; 2]| (entity.into(), name.into(), ids.map(Into::into).to_vec());
    let (places, users) = (ids.iter().map(i64::to_string).collect::<Vec<_>>(), reps.map(|id| id.to_string()));
    assert_eq!(
        rows,
        [
            row("retailer", "rtl-0001", ["RTL-0001", "rtl-0001"]),
            row("sales-rep", "e-1", [&users[0], &users[1]]),
            row("territory", "sadar", [&places[0], &places[1]]),
        ]
    );
    // Each is found by its own spelling, and other values can be changed.
    assert_eq!(admin.read("/admin/retailers/RTL-0001").await["uid"], "RTL-0001");
    assert_eq!(admin.read("/admin/retailers/rtl-0001").await["uid"], "rtl-0001");
    assert_eq!(admin.read("/admin/retailers/Rtl-0001").await["uid"], "RTL-0001");
    let rep = format!("/admin/sales-reps/{}", reps[1]);
    ok(admin.patch(&rep, json!({"capacity": 33})).await).await;
    let place = format!("/admin/territories/{}", ids[1]);
    ok(admin.patch(&place, json!({"nameBn": "সদর"})).await).await;
    // The code of two sales reps names neither in a file, and no third one can have it.
    let file = format!("uid,employee_code\nRTL-0003,E-1\nRTL-0003,{}\n", "e-1");
    let job = crate::jobs::submit(&app.server, "/admin/assignments/bulk", &file).await;
    assert_eq!(job["failure"]["code"], "rows-failed", "{job}");
    // Until they are renamed.
    assert_eq!(admin.send(Method::PATCH, &rep, &json!({"employeeCode": "E-2"})).await.status(), 200);
    assert_eq!(admin.send(Method::PATCH, &place, &json!({"name": "Town"})).await.status(), 200);
    let job = crate::jobs::submit(&app.server, "/admin/assignments/bulk", &file).await;
    assert_eq!(job["state"], "SUCCEEDED", "{job}");
    let left = admin.read("/admin/duplicates").await;
    assert_eq!(left["data"].as_array().unwrap().len(), 1, "{left}");
    let filled = fill_unique_names(&app.database.owner_config()).await.unwrap();
    assert_eq!(filled, [twin("retailer", 1)]);
}
