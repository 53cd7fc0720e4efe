//! Imports of retailers from CSV files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, TestDatabase};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::jobs::LONG_CONNECT_TIMEOUT;
use crate::support::{App, Server, haat, problem};

const IMPORT: &str = "/admin/retailers/import";
const IMPORTS: &str = "/admin/retailers/imports";

/// One changed retailer, two new ones, and one with an unknown territory.
const FILE: &str = "uid,name,phone,region,area,territory,colour\n\
    RTL-0001,New Name,01711223301,Dhaka,Gazipur,Kaliganj,red\n\
    NEW-1,রহিম স্টোর,01711000001,Dhaka,Gazipur,Kaliganj,red\n\
    NEW-2,Karim Store,,Dhaka,Gazipur,Kaliganj,red\n\
    NEW-3,Nowhere Store,,Dhaka,Gazipur,Atlantis,red\n";

async fn send(server: &Server, query: &str, file: &str) -> Response {
    let token = server.token("default", "admin").await;
    let request = server.request(Method::POST, &format!("{IMPORT}{query}")).bearer_auth(token);
    request.header("content-type", "text/csv").body(file.to_owned()).send().await.unwrap()
}

async fn get(server: &Server, path: &str) -> Response {
    let token = server.token("default", "admin").await;
    server.get(path).bearer_auth(token).send().await.unwrap()
}

/// Waits until an import fulfils a condition.
async fn until(server: &Server, id: &Value, condition: impl Fn(&Value) -> bool) -> Value {
    let token = server.token("default", "admin").await;
    let started = Instant::now();
    loop {
        let request = server.get(&format!("{IMPORTS}/{id}")).bearer_auth(&token);
        let import: Value = request.send().await.unwrap().json().await.unwrap();
        if condition(&import) {
            return import;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{import}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn has_ended(import: &Value) -> bool {
    !["QUEUED", "VALIDATING", "APPLYING"].contains(&import["state"].as_str().unwrap())
}

/// Sends a file and waits for the end of its import.
pub(crate) async fn import_file(server: &Server, query: &str, file: &str) -> Value {
    let response = send(server, query, file).await;
    assert_eq!(response.status(), 202);
    let import: Value = response.json().await.unwrap();
    until(server, &import["id"], has_ended).await
}

async fn errors(server: &Server, import: &Value) -> String {
    let response = get(server, &format!("{IMPORTS}/{}/errors", import["id"])).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    response.text().await.unwrap()
}

async fn retailer(app: &App, uid: &str) -> Value {
    app.get_as("admin", &format!("/admin/retailers/{uid}")).await.json().await.unwrap()
}

fn rows(total: i64, created: i64, updated: i64, unchanged: i64, failed: i64) -> Value {
    json!({
        "total": total, "processed": created + updated + unchanged + failed, "created": created, "updated": updated,
        "unchanged": unchanged, "failed": failed,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn import_counts_every_row_and_reports_errors() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let import = import_file(&app.server, "?fileName=retailers.csv", FILE).await;
    assert_eq!((&import["state"], &import["rows"]), (&json!("PARTIAL"), &rows(4, 2, 1, 0, 1)));
    assert_eq!(
        import["warnings"],
        json!([{"code": "extra-columns", "columns": ["colour"], "rows": null, "examples": []}])
    );
    assert!(
        import["batchId"].is_i64() && import["startedAt"].is_string() && import["finishedAt"].is_string()
    );
    assert_eq!(retailer(&app, "RTL-0001").await["name"], "New Name");
    assert_eq!(retailer(&app, "NEW-1").await["phone"], "+8801711000001");
    let errors = errors(&app.server, &import).await;
    assert!(errors.starts_with("\u{FEFF}"), "{errors}");
    assert!(errors.contains("NEW-3") && errors.contains("Atlantis") && !errors.contains("NEW-1"), "{errors}");
    // The same file again changes nothing.
    let again = import_file(&app.server, "", FILE).await;
    assert_eq!((&again["state"], &again["rows"]), (&json!("PARTIAL"), &rows(4, 0, 0, 3, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_groups_errors_and_warns_about_suspicious_cells() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,name,Mobile,রুট\nRTL-0001,A,-,\"R1, R2\"\n\nRTL-0002,B,-,\nRTL-0003,C,12,\nRTL-0004,D,01711223344,R1\nRTL-0005,\0,01711223344,\nRTL-0001,E,,\n";
    let import = import_file(&app.server, "?dryRun=true&mode=update", file).await;
    assert_eq!((&import["state"], &import["preview"]["failed"]), (&json!("READY"), &json!(5)), "{import}");
    let groups: Vec<Value> = import["errors"]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            assert!(!group["message"].as_str().unwrap().is_empty());
            json!([
                group["column"],
                group["field"],
                group["code"],
                group["value"],
                group["count"],
                group["rows"]
            ])
        })
        .collect();
    assert_eq!(
        groups,
        [
            json!(["Mobile", "phone", "placeholder", "-", 2, [2, 4]]),
            json!(["uid", "uid", "duplicate", "RTL-0001", 2, [2, 8]]),
            json!(["name", "name", "invalid", "", 1, [7]]),
            json!(["Mobile", "phone", "invalid-phone", "12", 1, [5]]),
        ]
    );
    assert_eq!(import["errors"]["total"], 4);
    let csv = errors(&app.server, &import).await;
    assert!(csv.contains("RTL-0002,B,'-,,4,placeholder,Mobile,"), "{csv}");
    let file = "uid,name,phone,routes\nRTL-0001,A,01711223344,\"R1, R2\"\nRTL-0002,B,01711223344,R1\n";
    let import = import_file(&app.server, "?dryRun=true&mode=update", file).await;
    assert_eq!(
        import["warnings"],
        json!([
            {"code": "comma-in-route", "columns": ["routes"], "rows": 1, "examples": ["R1, R2"]},
            {"code": "shared-phone", "columns": ["phone"], "rows": 2, "examples": ["+8801711223344"]},
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_of_a_dry_run_matches_the_applied_import() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let ready = import_file(&app.server, "?dryRun=true&createMissing=true", FILE).await;
    assert_eq!(ready["state"], "READY", "{ready}");
    assert_eq!(ready["preview"], json!({"created": 3, "updated": 1, "unchanged": 0, "failed": 0}));
    assert_eq!(
        ready["sample"][0],
        json!({"row": 2, "uid": "RTL-0001", "action": "update", "changes": ["name"]})
    );
    assert_eq!(ready["sample"][1]["action"], "create");
    let new = json!({"total": 1, "regions": 0, "areas": 0, "territories": 1, "distributors": 0, "sample": [
        {"kind": "territory", "region": "Dhaka", "area": "Gazipur", "name": "Atlantis"}
    ]});
    assert_eq!(ready["newPlaces"], new, "places to be created are listed, as they may be typing errors");
    assert_eq!(get(&app.server, "/admin/retailers/NEW-1").await.status(), 404, "a dry run writes nothing");
    let apply = format!("{IMPORTS}/{}/apply", ready["id"]);
    let response = app.send_as("admin", Method::POST, &apply, &Value::Null).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.json::<Value>().await.unwrap()["state"], "APPLYING");
    let applied = until(&app.server, &ready["id"], has_ended).await;
    assert_eq!((&applied["state"], &applied["rows"]), (&json!("SUCCEEDED"), &rows(4, 3, 1, 0, 0)));
    assert_eq!((&applied["preview"], &applied["sample"]), (&Value::Null, &Value::Null));
    assert_eq!(applied["newPlaces"], new);
    assert_eq!(retailer(&app, "NEW-3").await["territory"]["name"], "Atlantis");
    for action in ["apply", "cancel"] {
        let path = format!("{IMPORTS}/{}/{action}", ready["id"]);
        let body = problem(app.send_as("admin", Method::POST, &path, &Value::Null).await).await;
        assert_eq!(
            (&body["code"], &body["detail"]),
            (&json!("import-state"), &json!("The import is SUCCEEDED: it can be undone."))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_an_import_skips_retailers_changed_since() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let before = retailer(&app, "RTL-0001").await;
    let import = import_file(&app.server, "", FILE).await;
    let patch = json!({"name": "Edited"});
    app.send_as("admin", Method::PATCH, "/admin/retailers/NEW-2", &patch).await;
    let undo = format!("{IMPORTS}/{}/undo", import["id"]);
    let preview = app.send_as("admin", Method::POST, &undo, &json!({"validateOnly": true})).await;
    assert_eq!(preview.status(), 200);
    let preview: Value = preview.json().await.unwrap();
    assert_eq!(
        (&preview["undoPreview"], &preview["undo"]),
        (&json!({"restored": 1, "removed": 1, "changed": 1, "changedRetailers": ["NEW-2"]}), &Value::Null)
    );
    assert_eq!(retailer(&app, "RTL-0001").await["name"], "New Name");
    let response = app.send_as("admin", Method::POST, &undo, &Value::Null).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.json::<Value>().await.unwrap()["undoPreview"], Value::Null);

    let token = app.server.token("default", "admin").await;
    let events = format!("{IMPORTS}/{}/events", import["id"]);
    let events = app.server.get(&events).bearer_auth(token).send().await.unwrap().text().await.unwrap();
    let (_, end) = events.rsplit_once("event: end\ndata: ").unwrap();
    let undone: Value = serde_json::from_str(end.trim()).unwrap();
    assert_eq!(undone["state"], "UNDONE");
    assert_eq!(
        undone["undo"],
        json!({
            "batchId": undone["undo"]["batchId"], "restored": 1, "removed": 1, "changed": 1, "finished": true,
            "changedRetailers": ["NEW-2"],
        })
    );
    assert_eq!(retailer(&app, "RTL-0001").await["name"], before["name"]);
    assert_eq!(retailer(&app, "NEW-2").await["name"], "Edited");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_files_fail_with_a_reason_in_both_languages() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    for (query, file, failure, columns) in [
        ("", "", "empty-file", json!(null)),
        ("", "uid,name,region,area,territory\n", "no-rows", json!(null)),
        ("", "uid,name\nRTL-0001,x\n", "missing-column", json!(["region", "area", "territory"])),
        ("", "uid,uid\nRTL-0001,x\n", "repeated-column", json!(["uid"])),
        ("", "uid,name,territory_id\nA,a,1\nB,\"b,1\n", "open-quote", json!(null)),
        ("?onError=abort", FILE, "rows-failed", json!(null)),
    ] {
        let import = import_file(&app.server, query, file).await;
        assert_eq!(
            (&import["state"], &import["failure"]["code"]),
            (&json!("FAILED"), &json!(failure)),
            "{file:?}"
        );
        assert_eq!(import["failure"]["columns"], columns);
        assert!(import["failure"]["detail"].as_str().unwrap().is_ascii());
        let token = app.server.token("default", "admin").await;
        let request = app.server.get(&format!("{IMPORTS}/{}", import["id"])).bearer_auth(token);
        let bangla: Value =
            request.header("accept-language", "bn").send().await.unwrap().json().await.unwrap();
        assert!(!bangla["failure"]["detail"].as_str().unwrap().is_ascii());
    }
    assert_eq!(get(&app.server, "/admin/retailers/NEW-1").await.status(), 404);
    let import = import_file(&app.server, "", "uid,name,place\nRTL-0001,x,y\n").await;
    assert_eq!(
        import["warnings"],
        json!([{"code": "extra-columns", "columns": ["place"], "rows": null, "examples": []}])
    );
    assert_eq!(
        import["failure"]["detail"],
        "Required columns are missing: region, area, territory; unknown columns: place. To update existing retailers only, \
         the uid column is enough with mode=update"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn long_import_reports_progress_and_can_be_cancelled() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let mut file = "uid,name,region,area,territory\n".to_owned();
    for number in 0..30_000 {
        writeln!(file, "LONG-{number},Store {number},Dhaka,Gazipur,Kaliganj").unwrap();
    }
    let import: Value = send(&app.server, "", &file).await.json().await.unwrap();
    let token = app.server.token("default", "admin").await;
    let path = format!("{IMPORTS}/{}", import["id"]);
    let mut response = app.server.get(&format!("{path}/events")).bearer_auth(&token).send().await.unwrap();
    // The first event arrives long before the last.
    assert!(response.chunk().await.unwrap().unwrap().starts_with(b"event: progress"));
    until(&app.server, &import["id"], |import| import["rows"]["created"].as_i64() > Some(0)).await;
    let cancel = app.send_as("admin", Method::POST, &format!("{path}/cancel"), &Value::Null).await;
    assert_eq!(cancel.status(), 200);
    let cancelled: Value = cancel.json().await.unwrap();
    let created = cancelled["rows"]["created"].as_i64().unwrap();
    assert!(created > 0 && created < 30_000, "{cancelled}");
    let owner = app.database.owner().await;
    let count = "SELECT count(*) FROM retailers WHERE uid LIKE 'LONG-%' AND deleted_at IS NULL";
    assert_eq!(owner.query_one(count, &[]).await.unwrap().get::<_, i64>(0), created);
    app.send_as("admin", Method::POST, &format!("{path}/undo"), &Value::Null).await;
    until(&app.server, &import["id"], |import| import["undo"]["finished"] == true).await;
    assert_eq!(owner.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
}

/// Runs `haat import` and returns its exit code, standard output and standard error.
fn import_command(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String, String) {
    let url = database.app_url();
    let files = std::env::temp_dir().join(format!("haat-tests/{}-cli", url.rsplit('/').next().unwrap()));
    let environment = [("DATABASE_URL", url.as_str()), ("HAAT_FILES", files.to_str().unwrap())];
    let output = haat(&[&["import"], arguments].concat(), &environment).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn import_command_works_without_a_server() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let folder = std::env::temp_dir().join(format!("haat-import-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, errors) = (folder.join("retailers.csv"), folder.join("errors.csv"));
    std::fs::write(&file, FILE).unwrap();
    let file = file.to_str().unwrap();

    let (code, out, err) = import_command(&database, &[file, "--dry-run", "--on-error", "abort"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("FAILED") && out.contains("rows-failed"), "{out}");
    let (code, out, err) = import_command(&database, &[file, "--dry-run"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let id = out.rsplit(' ').next().unwrap().trim();
    assert!(out.contains("would be 2 created, 1 updated, 0 unchanged, 1 with errors"), "{out}");
    assert!(err.contains(&format!("haat import --errors-of {id} --errors FILE")), "{err}");
    assert!(err.contains("waiting"), "progress in lines without a terminal: {err}");
    let (code, out, err) = import_command(&database, &["--apply", id, "--errors", errors.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(out.contains("PARTIAL, 4 rows: 2 created, 1 updated, 0 unchanged, 1 with errors"), "{out}");
    assert!(std::fs::read_to_string(&errors).unwrap().contains("Atlantis"));
    let (code, _, err) = import_command(&database, &["--apply", id]);
    assert_eq!(code, Some(1));
    assert!(err.contains("the import is PARTIAL"), "{err}");
    std::fs::remove_file(&errors).unwrap();
    let (code, _, err) =
        import_command(&database, &["--errors-of", id, "--errors", errors.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
    assert!(std::fs::read_to_string(&errors).unwrap().contains("Atlantis"));
    let (code, out, _) = import_command(&database, &[file, "--dry-run", "--create-missing"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("would be created as well: 1 place\n  territory Dhaka / Gazipur / Atlantis"),
        "{out}"
    );
    let (code, out, _) = import_command(&database, &[file, "--create-missing"]);
    assert_eq!(code, Some(0), "{out}");
    let compressed = folder.join("compressed.csv");
    let mut gzip = flate2::write::GzEncoder::new(
        std::fs::File::create(&compressed).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(FILE.as_bytes()).unwrap();
    gzip.finish().unwrap();
    let (code, out, _) = import_command(&database, &[compressed.to_str().unwrap(), "--create-missing"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("0 created, 0 updated, 4 unchanged"), "{out}");
    let owner = database.owner().await;
    let actors = "SELECT count(*) FROM audit_logs WHERE action LIKE 'import.%' AND actor_id IS NULL";
    assert_eq!(owner.query_one(actors, &[]).await.unwrap().get::<_, i64>(0), 6);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn import_command_reports_invalid_arguments() {
    let database = TestDatabase::new().await;
    for (arguments, expected) in [
        (&["/no/such/file.csv"][..], "/no/such/file.csv cannot be read"),
        (&[], "FILE"),
        (&["x.csv", "--apply", "1"], "--apply"),
        (&["--errors-of", "1"], "--errors"),
        (&["x.csv", "--mode", "delete"], "upsert, create, update"),
        (&["--apply", "999"], "there is no such import"),
        (&["x.csv", "--tenant", "unknown"], "there is no tenant"),
    ] {
        let (code, out, err) = import_command(&database, arguments);
        assert!(code != Some(0) && out.is_empty(), "{arguments:?}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_export_changes_nothing_and_corrected_error_file_changes_only_its_rows() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let odd = "uid,name,region,area,territory,notes,routes\n\
        ODD-1,'=cmd(),Dhaka,Gazipur,Kaliganj,\"'-1+1\nsecond \"\"line\"\"\",Bazar|Ghat\n\
        ODD-2,\"Rahim, \u{09B0}\u{09B9}\u{09BF}\u{09AE}\",Dhaka,Gazipur,Kaliganj,,\n\
        ODD-3,Nowhere,Dhaka,Gazipur,Atlantis,,\n";
    let import = import_file(&app.server, "", odd).await;
    assert_eq!(import["rows"], rows(3, 2, 0, 0, 1));
    let export = get(&app.server, "/admin/retailers/export").await.text().await.unwrap();
    assert!(export.contains("'=cmd()") && export.contains("'-1+1"), "{export}");
    let retailers = i64::try_from(app.fixture.ours.retailers.len()).unwrap() + 2;
    let imported = import_file(&app.server, "", &export).await;
    assert_eq!(
        (&imported["state"], &imported["rows"]),
        (&json!("SUCCEEDED"), &rows(retailers, 0, 0, retailers, 0))
    );
    let corrected = errors(&app.server, &import).await.replace("Atlantis", "Kaliganj");
    let again = import_file(&app.server, "", &corrected).await;
    assert_eq!((&again["state"], &again["rows"]), (&json!("SUCCEEDED"), &rows(1, 1, 0, 0, 0)));
    assert_eq!(retailer(&app, "ODD-1").await["name"], "=cmd()");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_imports_assignments_and_edits_lose_no_change() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT, ("HAAT_JOB_WORKERS", "2")]).await;
    app.database.log_no_plans_of_functions().await;
    let mut first = "uid,name,region,area,territory,points\n".to_owned();
    let mut second = first.clone();
    for number in 0..6_000 {
        writeln!(first, "S-{number},Zeta Alpha {number},Dhaka,Gazipur,Kaliganj,1").unwrap();
        let number = 5_999 - number;
        writeln!(second, "S-{number},Alpha Zeta {number},Dhaka,Gazipur,Kaliganj,2").unwrap();
    }
    let shared: Vec<String> = (0..6_000).step_by(7).map(|number| format!("S-{number}")).collect();
    let one = import_file(&app.server, "", &first).await;
    assert_eq!(one["rows"]["created"], 6_000);
    let assign = json!({"assignments": [{"salesRep": "sr00002", "retailers": shared}], "force": true, "reason": "test"});
    let third = first.replace(",1\n", ",3\n");
    let both = async {
        tokio::join!(import_file(&app.server, "", &second), import_file(&app.server, "", &third), async {
            for _ in 0..5 {
                let bulk = app.send_as("admin", Method::POST, "/admin/assignments/bulk", &assign).await;
                assert_eq!(bulk.status(), 200, "{}", bulk.text().await.unwrap());
                let notes = json!({"notes": "seen"});
                let patch = app.send_as("sr00002", Method::PATCH, "/retailers/S-7", &notes).await;
                assert_eq!(patch.status(), 200, "{}", patch.text().await.unwrap());
            }
        })
    };
    let (second, third, ()) = both.await;
    for import in [&second, &third] {
        assert_eq!(
            (&import["state"], &import["rows"]["processed"]),
            (&json!("SUCCEEDED"), &json!(6_000)),
            "{import}"
        );
        assert_eq!(import["rows"]["failed"], 0);
    }
    let owner = app.database.owner().await;
    for (statement, expected) in [
        // Every retailer equals the row of one file as a whole, and its version counts every change.
        (
            "SELECT count(*) FROM retailers WHERE uid LIKE 'S-%' AND (name LIKE 'Alpha%') = (points = 2)",
            6_000,
        ),
        (
            "SELECT count(*) FROM retailers r WHERE uid LIKE 'S-%' AND version <> (SELECT count(*) FROM audit_logs a \
          WHERE a.entity = 'retailer' AND a.entity_id = r.uid)",
            0,
        ),
        ("SELECT count(*) FROM retailers WHERE uid = 'S-7' AND notes = 'seen'", 1),
        (
            "SELECT count(*) FROM sales_rep_retailers s JOIN retailers r ON r.id = s.retailer_id WHERE s.name <> r.name",
            0,
        ),
        ("SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'S-%'", 858),
    ] {
        assert_eq!(owner.query_one(statement, &[]).await.unwrap().get::<_, i64>(0), expected, "{statement}");
    }
}
