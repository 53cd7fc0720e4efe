//! Assignment files that unassign, transfer, name all sales reps of a retailer, or are corrected and sent again.

use reqwest::Method;
use serde_json::{Value, json};

use crate::jobs::{BULK, LONG_CONNECT_TIMEOUT, ended, errors, submit, uids, without_messages};
use crate::support::{App, problem};

const UNASSIGN: &str = "/admin/assignments/bulk-unassign";
const TRANSFER: &str = "/admin/assignments/transfer";

/// The end reasons of the assignments of a retailer, the latest first.
async fn end_reasons(app: &App, uid: &str) -> Vec<Value> {
    let spans: Value =
        app.get_as("admin", &format!("/admin/retailers/{uid}/assignments")).await.json().await.unwrap();
    spans["data"].as_array().unwrap().iter().map(|span| span["endReason"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_unassigns_retailers_and_every_row_is_counted() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,sales_rep\nRTL-0001,sr00001\nrtl-0001,SR00001\nRTL-0002,sr00001\nRTL-0006,sr00001\nRTL-0003,unknown\n";
    let dry_run = submit(&app.server, &format!("{UNASSIGN}?validateOnly=true"), file).await;
    assert_eq!((&dry_run["counts"]["unassigned"], &dry_run["batchId"]), (&json!(2), &Value::Null));
    let job = submit(&app.server, UNASSIGN, file).await;
    assert_eq!((&job["state"], &job["outcome"]), (&json!("PARTIAL"), &json!("partial")));
    assert_eq!(job["rows"], json!({"read": 5, "failed": 1, "repeated": 1}));
    assert_eq!((&job["counts"]["unassigned"], &job["counts"]["notAssigned"]), (&json!(2), &json!(1)));
    assert_eq!((&job["options"]["action"], &job["counts"]["assigned"]), (&json!("unassign"), &json!(0)));
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0003", "RTL-0004"]);
    assert_eq!(end_reasons(&app, "RTL-0001").await, ["unassigned"]);
    // The same file again changes nothing. Disabled sales reps can lose retailers.
    let again = submit(&app.server, UNASSIGN, file).await;
    assert_eq!((&again["counts"]["notAssigned"], &again["batchId"]), (&json!(3), &Value::Null));
    let id = app.fixture.ours.rep.id;
    let disabled =
        app.send_as("admin", Method::DELETE, &format!("/admin/sales-reps/{id}"), &Value::Null).await;
    assert_eq!(disabled.status(), 204);
    let job = submit(&app.server, UNASSIGN, "uid,sales_rep\nRTL-0003,sr00001\n").await;
    assert_eq!((&job["state"], &job["counts"]["unassigned"]), (&json!("SUCCEEDED"), &json!(1)));
    // The option of another action is unknown.
    let response = crate::jobs::send(&app.server, &format!("{UNASSIGN}?force=true"), file, None).await;
    assert_eq!(problem(response).await["errors"][0]["field"], "force");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_transfers_each_retailer_from_the_sales_rep_of_its_row() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,from,to\nRTL-0001,sr00001,sr00002\nRTL-0005,sr00002,sr00001\nRTL-0006,sr00001,sr00002\n\
                RTL-0002,unknown,sr00002\nRTL-0003,sr00001,unknown\nRTL-0001,sr00001,sr00002\n\
                RTL-0004,sr00001,sr00002\nrtl-0004,sr00002,sr00001\n";
    let plan = submit(&app.server, "/admin/assignments/plans?action=transfer", file).await;
    assert_eq!((&plan["counts"]["moved"], &plan["options"]["plan"]), (&json!(2), &json!(true)));
    let job = submit(&app.server, TRANSFER, file).await;
    assert_eq!(job["rows"], json!({"read": 8, "failed": 5, "repeated": 1}));
    assert_eq!((&job["counts"]["moved"], &job["options"]["action"]), (&json!(2), &json!("transfer")));
    let expected = [
        "uid|from|to|row|code|field",
        "RTL-0006|sr00001|sr00002|4|not-assigned|from",
        "RTL-0002|unknown|sr00002|5|not-found|from",
        "RTL-0003|sr00001|unknown|6|not-found|to",
        "RTL-0004|sr00001|sr00002|8|duplicate|uid",
        "rtl-0004|sr00002|sr00001|9|duplicate|uid",
    ];
    assert_eq!(without_messages(&errors(&app, &job).await), expected);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0004"]);
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005"]);
    assert_eq!(end_reasons(&app, "RTL-0001").await, [json!(null), json!("transferred")]);
    let batch: Value = app
        .get_as("admin", &format!("/admin/assignments/batches/{}", job["batchId"]))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&batch["kind"], &batch["counts"]["moved"]), (&json!("transfer"), &json!(2)));
    // A repeated transfer is no error. The plan is stale.
    let again = submit(&app.server, TRANSFER, file).await;
    assert_eq!((&again["counts"]["alreadyAssigned"], &again["batchId"]), (&json!(2), &Value::Null));
    let apply = format!("/admin/assignments/plans/{}/apply", plan["batchId"]);
    let stale = app.send_as("admin", Method::POST, &apply, &Value::Null).await;
    assert_eq!(problem(stale).await["code"], "plan-stale");
    let undo = format!("/admin/assignments/batches/{}/undo", job["batchId"]);
    assert_eq!(app.send_as("admin", Method::POST, &undo, &Value::Null).await.status(), 200);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_edited_and_sent_back() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let export = async || app.get_as("admin", "/admin/retailers/export").await.text().await.unwrap();
    let move_all = format!("{BULK}?ifAssigned=move");
    let original = export().await;
    assert!(original.contains(",sr00001;sr00002\r\n") && original.contains(",\r\n"), "{original}");
    let job = submit(&app.server, &move_all, &original).await;
    assert_eq!((&job["state"], &job["outcome"]), (&json!("SUCCEEDED"), &json!("unchanged")), "{job}");
    assert_eq!(job["rows"], json!({"read": 6, "failed": 0, "repeated": 0}));
    assert_eq!(export().await, original);
    // One retailer gets another sales rep, one loses a sales rep, one loses all of them, and one gets its first.
    let edit = |line: &str| {
        let sales_reps = match &line[..8] {
            "RTL-0001" | "RTL-0004" => "sr00002",
            "RTL-0002" => "",
            "RTL-0006" => "sr00001; sr00002",
            _ => return line.to_owned(),
        };
        format!("{},{sales_reps}", line.rsplit_once(',').unwrap().0)
    };
    let (header, rows) = original.split_once("\r\n").unwrap();
    let edited: Vec<String> = std::iter::once(header.to_owned()).chain(rows.lines().map(edit)).collect();
    let job = submit(&app.server, &move_all, &edited.join("\r\n")).await;
    assert_eq!((&job["state"], &job["outcome"]), (&json!("SUCCEEDED"), &json!("complete")), "{job}");
    let counts = ["assigned", "alreadyAssigned", "moved", "unassigned", "unserved"];
    assert_eq!(counts.map(|name| job["counts"][name].as_i64().unwrap()), [2, 2, 2, 1, 1], "{job}");
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0003", "RTL-0006"]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0004", "RTL-0005", "RTL-0006"]);
    assert_eq!(end_reasons(&app, "RTL-0002").await, ["unassigned"]);
    assert_eq!(end_reasons(&app, "RTL-0001").await, [json!(null), json!("moved")]);
    let undo = format!("/admin/assignments/batches/{}/undo", job["batchId"]);
    assert_eq!(app.send_as("admin", Method::POST, &undo, &Value::Null).await.status(), 200);
    assert_eq!(export().await, original);
    // Without `ifAssigned=move`, a file only adds sales reps.
    let job = submit(&app.server, BULK, &edited.join("\r\n")).await;
    assert_eq!((&job["counts"]["assigned"], &job["counts"]["unassigned"]), (&json!(3), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_an_unknown_sales_rep_is_not_applied_in_part() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    // The last two rows are cut off, and have a comma in a cell without quotes.
    let file = "uid,sales_reps\nRTL-0001,sr00002;unknown\nRTL-0002,-\nRTL-0009,\nRTL-0006,sr00002;SR00002\n\
                RTL-0004\nRTL-0005,x,sr00002\n";
    let job = submit(&app.server, &format!("{BULK}?ifAssigned=move"), file).await;
    assert_eq!(job["rows"], json!({"read": 6, "failed": 5, "repeated": 0}));
    let expected = [
        "uid|sales_reps|row|code|field",
        "RTL-0001|sr00002;unknown|2|not-found|sales_reps",
        "RTL-0002|'-|3|placeholder|sales_reps",
        "RTL-0009||4|not-found|uid",
        "RTL-0004||6|wrong-column-count|row",
    ];
    let text = errors(&app, &job).await;
    let rows = without_messages(&text);
    assert_eq!(rows[..5], expected);
    assert!(rows[5].starts_with("RTL-0005|x|7|wrong-column-count|row|"), "{rows:?}");
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005", "RTL-0006"]);
    // Corrected in a spreadsheet and sent again, with the columns of the errors.
    let corrected = text.replace(";unknown", "").replace("'-", "sr00002").replace("RTL-0009,", "RTL-0003,");
    let corrected: Vec<&str> = corrected.lines().take(4).collect();
    let corrected = corrected.join("\n");
    let job = submit(&app.server, &format!("{BULK}?ifAssigned=move"), &corrected).await;
    assert_eq!((&job["state"], &job["rows"]["failed"]), (&json!("SUCCEEDED"), &json!(0)), "{job}");
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0004"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_sales_rep_keeps_retailers_but_gets_none() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let id = app.fixture.ours.rep.id;
    app.send_as("admin", Method::DELETE, &format!("/admin/sales-reps/{id}"), &Value::Null).await;
    let file = "uid,sales_reps\nRTL-0001,sr00001\nRTL-0006,sr00001\nRTL-0002,sr00001;sr00002\n";
    let job = submit(&app.server, &format!("{BULK}?ifAssigned=move"), file).await;
    assert_eq!(job["rows"], json!({"read": 3, "failed": 1, "repeated": 0}));
    let counts = ["assigned", "alreadyAssigned", "moved"].map(|name| job["counts"][name].as_i64().unwrap());
    assert_eq!(counts, [1, 2, 0]);
    // An empty cell beside a row with sales reps.
    let file = "uid,sales_reps\nRTL-0003,sr00002\nRTL-0003,\n";
    let beside = submit(&app.server, &format!("{BULK}?ifAssigned=move"), file).await;
    assert_eq!((&beside["rows"]["failed"], &beside["counts"]["moved"]), (&json!(1), &json!(1)), "{beside}");
    // A plan without any valid row is not saved.
    let plan = submit(&app.server, "/admin/assignments/plans", "uid,sales_rep\nRTL-0099,sr00002\n").await;
    assert_eq!((&plan["state"], &plan["batchId"]), (&json!("FAILED"), &Value::Null));
    // A row that fails in part is applied in part.
    let part =
        submit(&app.server, BULK, "uid,sales_reps\nRTL-0005,sr00001;sr00002\nRTL-0006,sr00001;sr00002\n")
            .await;
    assert_eq!((&part["state"], &part["failure"]), (&json!("PARTIAL"), &Value::Null), "{part}");
    let gone = app.get_as("admin", &format!("/admin/assignments/jobs/{}/errors", part["id"])).await;
    assert_eq!(gone.status(), 200);
    let expected = ["uid|sales_reps|row|code|field", "RTL-0006|sr00001|3|disabled|sales_reps"];
    assert_eq!(without_messages(&errors(&app, &job).await), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_accepted_like_bodies() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let send = async |path: &str, body: &str| {
        let token = app.server.token("default", "admin").await;
        let request = app.server.request(Method::POST, path).bearer_auth(token);
        let request = request.header("content-type", "multipart/form-data; boundary=XX");
        request.body(body.to_owned()).send().await.unwrap()
    };
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = |rows: &str| {
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"who serves.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n{rows}\r\n"
        )
    };
    for (path, options, rows) in [
        (BULK, part("ifAssigned", "move"), "uid,sr\nRTL-0001,sr00002\n"),
        (UNASSIGN, String::new(), "uid,sr\nRTL-0001,sr00002\n"),
        (TRANSFER, part("reason", "leave"), "uid,from,to\nRTL-0002,sr00001,sr00002\n"),
        ("/admin/assignments/plans", part("action", "unassign"), "uid,sr\nRTL-0002,sr00002\n"),
        (BULK, part("validateOnly", "true"), "uid,sr\nRTL-0003,sr00002\n"),
    ] {
        let response = send(path, &format!("{options}{}--XX--\r\n", file(rows))).await;
        assert_eq!(response.status(), 202, "{path}");
        let job = ended(&app.server, &response.json::<Value>().await.unwrap()["id"]).await;
        let expected = (&json!("SUCCEEDED"), &json!("who serves.csv"));
        assert_eq!((&job["state"], &job["fileName"]), expected, "{path}: {job}");
    }
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0002", "RTL-0004", "RTL-0005"]);
    let invalid = send(BULK, &format!("{}{}--XX--\r\n", part("ifAssigned", "steal"), file("uid,sr\n"))).await;
    assert_eq!(problem(invalid).await["errors"][0]["field"], "ifAssigned");
    let missing = send(BULK, &format!("{}--XX--\r\n", part("ifAssigned", "move"))).await;
    assert_eq!(problem(missing).await["errors"][0]["field"], "file");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_read_by_usernames_first() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let path = format!("/admin/sales-reps/{}", app.fixture.ours.other_rep.id);
    let code = json!({"employeeCode": "SR00001"});
    assert_eq!(app.send_as("admin", Method::PATCH, &path, &code).await.status(), 200);
    let export = app.get_as("admin", "/admin/retailers/export").await.text().await.unwrap();
    let job = submit(&app.server, &format!("{BULK}?ifAssigned=move"), &export).await;
    assert_eq!((&job["state"], &job["outcome"]), (&json!("SUCCEEDED"), &json!("unchanged")), "{job}");
    // A job without errors has a file of errors without rows.
    assert_eq!(errors(&app, &job).await.lines().count(), 1);
    // In other columns the name of two sales reps names none.
    let job = submit(&app.server, BULK, "uid,sales_rep\nRTL-0006,sr00001\n").await;
    assert_eq!((&job["state"], &job["rows"]["failed"]), (&json!("FAILED"), &json!(1)));
}
