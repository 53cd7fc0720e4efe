//! Schedules of the platform, and what they do: old rows end, and the audit log has partitions for the time to come.

use reqwest::Method;
use serde_json::{Value, json};

use crate::import::import_file;
use crate::jobs::LONG_CONNECT_TIMEOUT;
use crate::support::{App, Server, code, done, haat, list_files, poll, run};

const PRUNE: &str = "/admin/schedules/platform/prune";

/// Sends a request as a super admin.
async fn send(app: &App, token: &str, method: Method, path: &str, body: &Value) -> reqwest::Response {
    let request = app.server.request(method, path).bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(body) };
    request.send().await.unwrap()
}

/// Returns the schedules, as soon as the server has added them.
async fn schedules(app: &App, token: &str) -> Vec<Value> {
    poll(async || {
        let listed = done(send(app, token, Method::GET, "/admin/schedules", &Value::Null).await).await;
        let listed = listed["data"].as_array().unwrap().clone();
        let has_next = listed.iter().any(|schedule| !schedule["nextSlot"].is_null());
        if has_next { Ok(listed) } else { Err("no schedules".to_owned()) }
    })
    .await
}

/// Waits until a job has ended, and returns it.
async fn ended(app: &App, token: &str, id: &Value) -> Value {
    poll(async || {
        let job = done(send(app, token, Method::GET, &format!("/admin/jobs/{id}"), &Value::Null).await).await;
        if job["finishedAt"].is_null() { Err(format!("{job} has not ended")) } else { Ok(job) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_sees_pauses_and_runs_its_schedules() {
    let app = App::new().await;
    let (_, token) = app.super_admin("karim").await;
    let listed = schedules(&app, &token).await;
    let names: Vec<_> = listed.iter().map(|schedule| schedule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["platform/partitions", "platform/prune"]);
    for (member, expected) in [
        ("scope", json!("platform")),
        ("kind", json!("prune")),
        ("lane", json!("standard")),
        ("cron", json!("17 * * * *")),
        ("timeZone", json!("UTC")),
        ("enabled", json!(true)),
        ("version", json!(1)),
    ] {
        assert_eq!(listed[1][member], expected, "{member}");
    }
    assert!(listed[1]["nextSlot"].as_str().unwrap().contains(":17:00"));

    // Pause, with the version as a condition, and resume.
    let paused = send(&app, &token, Method::PATCH, PRUNE, &json!({"enabled": false})).await;
    assert!(paused.headers()["etag"].to_str().unwrap().starts_with("\"2-"));
    let paused = done(paused).await;
    assert_eq!(
        (&paused["enabled"], &paused["nextSlot"], &paused["version"]),
        (&json!(false), &Value::Null, &json!(2))
    );
    let stale = app.server.request(Method::PATCH, PRUNE).bearer_auth(&token).header("if-match", "\"1\"");
    assert_eq!(stale.json(&json!({"enabled": true})).send().await.unwrap().status(), 412);

    let dry =
        send(&app, &token, Method::PATCH, &format!("{PRUNE}?validateOnly=true"), &json!({"enabled": true}))
            .await;
    assert_eq!(done(dry).await["enabled"], true);
    let dry = send(&app, &token, Method::POST, &format!("{PRUNE}/run?validateOnly=true"), &Value::Null).await;
    assert!(dry.status().is_success());
    assert_eq!(schedules(&app, &token).await[1], paused, "a dry run changes nothing");

    // A paused schedule can be run, once for each key.
    let with_key = async || {
        let request = app.server.request(Method::POST, &format!("{PRUNE}/run")).bearer_auth(&token);
        let response = request.header("idempotency-key", "run-1").send().await.unwrap();
        assert_eq!(response.status(), 202);
        response.json::<Value>().await.unwrap()
    };
    let job = with_key().await;
    assert_eq!(with_key().await, job);
    ended(&app, &token, &job["id"]).await;
    let job = done(send(&app, &token, Method::POST, &format!("{PRUNE}/run"), &Value::Null).await).await;
    assert_eq!(
        (&job["schedule"], &job["slot"], &job["missed"]),
        (&json!("platform/prune"), &Value::Null, &json!(0))
    );
    let job = ended(&app, &token, &job["id"]).await;
    assert_eq!(job["state"], "succeeded");
    for name in [
        "activity",
        "changes",
        "failed-jobs",
        "file-jobs",
        "idempotency-keys",
        "jobs",
        "one-time-passwords",
        "sessions",
    ] {
        assert_eq!(job["result"][name], 0, "{name}");
    }
    let jobs =
        done(send(&app, &token, Method::GET, "/admin/jobs?schedule=platform/prune", &Value::Null).await)
            .await;
    assert!(jobs["data"].as_array().unwrap().contains(&job));
    let listed = schedules(&app, &token).await;
    assert_eq!(
        (&listed[1]["lastJob"]["id"], &listed[1]["lastJob"]["state"]),
        (&job["id"], &json!("succeeded"))
    );
    done(send(&app, &token, Method::PATCH, PRUNE, &json!({"enabled": true})).await).await;
    let unknown = send(&app, &token, Method::PATCH, "/admin/schedules/platform/unknown", &json!({})).await;
    assert_eq!(code(unknown).await, "not-found");

    let entries = "SELECT string_agg(action || ' ' || entity_id, ', ' ORDER BY id) FROM audit_logs WHERE action LIKE 'schedule.%'";
    let entries: String = app.database.owner().await.query_one(entries, &[]).await.unwrap().get(0);
    let [update, run] = ["schedule.update platform/prune", "schedule.run platform/prune"];
    assert_eq!(entries, [update, run, run, update].join(", "));
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_see_the_schedules_of_the_platform_and_do_not_change_them() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let listed = schedules(&app, &token).await;
    assert_eq!(listed.len(), 2);
    let (_, platform) = app.super_admin("karim").await;
    let run = format!("{PRUNE}/run");
    let job = done(send(&app, &platform, Method::POST, &run, &Value::Null).await).await;
    let body = json!({"enabled": false});
    for (method, path, body) in [(Method::PATCH, PRUNE, &body), (Method::POST, &*run, &Value::Null)] {
        assert_eq!(code(send(&app, &token, method, path, body).await).await, "forbidden");
    }
    let job = send(&app, &token, Method::GET, &format!("/admin/jobs/{}", job["id"]), &Value::Null).await;
    assert_eq!(job.status(), 404);
    let rep = app.server.token("default", "sr00001").await;
    assert_eq!(send(&app, &rep, Method::GET, "/admin/schedules", &Value::Null).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_added_for_two_years() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    let months = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass";
    let before = app.database.number(months).await;
    owner.batch_execute("DROP TABLE audit_logs_2028_09, audit_logs_2028_08").await.unwrap();
    let (_, token) = app.super_admin("karim").await;
    schedules(&app, &token).await;
    let path = "/admin/schedules/platform/partitions/run";
    let job = done(send(&app, &token, Method::POST, path, &Value::Null).await).await;
    let job = ended(&app, &token, &job["id"]).await;
    assert_eq!(job["state"], "succeeded");
    assert!(job["result"]["added"].as_i64().unwrap() >= 2);
    assert!(app.database.number(months).await >= before);
    // The server's role can add partitions, and do nothing else with them.
    let server = app.database.app().await;
    assert!(server.batch_execute("DROP TABLE audit_logs_2028_09").await.is_err());
    assert!(server.batch_execute("SELECT make_audit_partitions('2030-01-01', 1)").await.is_err());
    assert!(server.batch_execute("DELETE FROM audit_logs_2028_09").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_are_counted_and_deleted() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    // Of each kind, one row just before its time and one just after.
    let rows = "INSERT INTO idempotency_keys (tenant_id, user_id, key, route, body_hash, status, created_at)
                SELECT 1, $, 'k' || n, 'POST /x', '', 200, now() - interval '24 hours' + n * interval '1 minute'
                  FROM (VALUES (-1), (1)) AS v (n);
                INSERT INTO jobs (tenant_id, kind, state, payload, finished_at)
                SELECT 1, 'x', state, payload, now() - days * interval '1 day' + n * interval '1 minute'
                  FROM (VALUES ('succeeded', 7, '{}'::jsonb), ('failed', 90, '{\"file\": \"assignments/none\"}'), ('cancelled', 90, '{}'),
                               ('succeeded', 90, '{\"file\": \"assignments/none\"}')) AS v (state, days, payload),
                       (VALUES (-1), (1)) AS w (n);
                INSERT INTO user_activity (tenant_id, day, user_id, requests, changes, logins, first_at, last_at)
                SELECT 1, current_date - 760 + n, $, 1, 0, 0, now(), now() FROM (VALUES (-1), (1)) AS v (n);
                INSERT INTO changes (tenant_id, entity, entity_id, kind, created_at)
                SELECT 1, 'retailer', 1, 'updated', now() - interval '24 hours' + n * interval '1 minute'
                  FROM (VALUES (-1), (1)) AS v (n);";
    let rows = rows.replace('$', &app.fixture.ours.admin.id.to_string());
    owner.batch_execute(&rows).await.unwrap();
    app.server.token("default", "sr00001").await;
    owner.batch_execute("UPDATE sessions SET last_used_at = now() - interval '61 days'").await.unwrap();

    let url = app.database.app_url();
    let files = app.server.files();
    let environment = [("DATABASE_URL", &*url), ("HAAT_FILES", files.to_str().unwrap())];
    let retain = |arguments: &[&str], keep: &str| {
        let environment = [environment[0], environment[1], ("HAAT_KEEP", keep)];
        run(haat(arguments, &environment))
    };
    let due = retain(&["retain", "--dry-run"], "");
    assert!(due.success, "{}", due.stderr);
    let lines: Vec<_> = due.stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
    let expected = [
        "changes: 1 row(s) older than 1d",
        "idempotency-keys: 1 row(s) older than 1d",
        "jobs: 1 row(s) older than 7d",
        "file-jobs: 1 row(s) older than 90d",
        "failed-jobs: 2 row(s) older than 90d",
        "sessions: 1 row(s) older than 60d",
        "ready-imports: 0 row(s) older than 7d",
        "import-files: 0 row(s) older than 90d",
        "plans: 0 row(s) older than 7d",
        "one-time-passwords: 0 row(s) older than 7d",
        "activity: 1 row(s) older than 760d",
    ];
    assert_eq!(lines, expected);
    assert_eq!(app.database.number("SELECT count(*) FROM jobs WHERE kind = 'x'").await, 8);
    // Longer than the default: nothing goes.
    let longer = retain(&["retain"], "jobs:8d,file-jobs:91d,failed-jobs:91d");
    assert!(longer.stdout.contains("\njobs: 0 row(s) deleted"), "{}", longer.stdout);
    let deleted = retain(&["retain"], "");
    assert!(deleted.stdout.contains("failed-jobs: 2 row(s) deleted"), "{}{}", deleted.stdout, deleted.stderr);
    for (statement, left) in [
        ("SELECT count(*) FROM jobs WHERE kind = 'x'", 4),
        ("SELECT count(*) FROM jobs WHERE kind = 'x' AND finished_at < now() - interval '90 days'", 0),
        ("SELECT count(*) FROM idempotency_keys", 1),
        ("SELECT count(*) FROM sessions", 0),
        ("SELECT count(*) FROM user_activity WHERE day < current_date - 700", 1),
        ("SELECT count(*) FROM changes WHERE created_at < now() - interval '1 hour'", 1),
    ] {
        assert_eq!(app.database.number(statement).await, left, "{statement}");
    }
    // There are more rows than in one batch, and some of the oldest are kept.
    let many = "INSERT INTO changes (tenant_id, tx_id, entity, entity_id, kind, created_at)
                SELECT 1, n, 'retailer', 1, 'updated', now() - CASE WHEN n % 10 = 0 THEN interval '1 hour' ELSE interval '2 days' END
                  FROM generate_series(1, 12000) AS n";
    owner.batch_execute(many).await.unwrap();
    let deleted = retain(&["retain"], "");
    assert!(deleted.stdout.contains("changes: 10800 row(s) deleted"), "{}{}", deleted.stdout, deleted.stderr);
    // Too short a time stops the command, and the server.
    for arguments in [&["retain"][..], &["serve"]] {
        let refused = retain(arguments, "changes:30m,jobs:1h");
        assert!(!refused.success && refused.stderr.contains("HAAT_KEEP"), "{}", refused.stderr);
    }
    let kept = Server::start(&url, &[("HAAT_KEEP", "jobs:30d")]);
    assert!(kept.accepts().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_plans_imports_and_their_files_expire() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let token = app.server.token("default", "admin").await;
    let plans = "/admin/assignments/plans";
    let body = json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0006"]}]});
    let plan = send(&app, &token, Method::POST, plans, &body).await;
    let plan = plan.headers()["location"].to_str().unwrap().to_owned();
    let file = "uid,name\nRTL-0001,New Name\nRTL-0002,\n";
    let ready = import_file(&app.server, "?dryRun=true&mode=update", file).await;
    let partial = import_file(&app.server, "?mode=update", file).await;
    assert_eq!((&ready["state"], &partial["state"]), (&json!("READY"), &json!("PARTIAL")));
    assert_eq!(list_files(&app.server.files()).len(), 2);

    let owner = app.database.owner().await;
    let age = "UPDATE batches SET created_at = created_at - interval '8 days' WHERE state = 'planned'; \
               UPDATE imports SET created_at = created_at - interval '8 days'; \
               UPDATE imports SET finished_at = finished_at - interval '91 days'";
    owner.batch_execute(age).await.unwrap();
    let (url, files) = (app.database.app_url(), app.server.files());
    let environment = [("DATABASE_URL", &*url), ("HAAT_FILES", files.to_str().unwrap())];
    let retained = run(haat(&["retain"], &environment));
    for line in
        ["ready-imports: 1 row(s) deleted", "import-files: 1 row(s) deleted", "plans: 1 row(s) deleted"]
    {
        assert!(retained.stdout.contains(line), "{}{}", retained.stdout, retained.stderr);
    }

    let listed = done(send(&app, &token, Method::GET, &plan, &Value::Null).await).await;
    assert_eq!(listed["state"], "expired", "{listed}");
    let apply = send(&app, &token, Method::POST, &format!("{plan}/apply"), &Value::Null).await;
    assert_eq!(code(apply).await, "plan-expired");
    let expired =
        done(send(&app, &token, Method::GET, "/admin/assignments/batches?state=expired", &Value::Null).await)
            .await;
    assert_eq!(expired["data"].as_array().unwrap().len(), 1);
    for (table, left) in
        [("assignment_steps", 0), ("assignment_loads", 0), ("import_rows", 0), ("import_errors", 1)]
    {
        let rows = app.database.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows, left, "{table}");
    }

    let import = |import: &Value| format!("/admin/retailers/imports/{}", import["id"]);
    let cancelled = done(send(&app, &token, Method::GET, &import(&ready), &Value::Null).await).await;
    assert_eq!(
        (&cancelled["state"], &cancelled["failure"]["code"]),
        (&json!("CANCELLED"), &json!("expired"))
    );
    let apply = send(&app, &token, Method::POST, &format!("{}/apply", import(&ready)), &Value::Null).await;
    assert_eq!(code(apply).await, "import-state");
    let audited =
        "SELECT count(*) FROM audit_logs WHERE action = 'import.cancel' AND after ->> 'failure' = 'expired'";
    assert_eq!(app.database.number(audited).await, 1);
    // The import that wrote something stays, without its file.
    let kept = done(send(&app, &token, Method::GET, &import(&partial), &Value::Null).await).await;
    assert_eq!((&kept["state"], &kept["rows"]["updated"]), (&json!("PARTIAL"), &json!(1)));
    let errors = send(&app, &token, Method::GET, &format!("{}/errors", import(&partial)), &Value::Null).await;
    assert_eq!((errors.status().as_u16(), code(errors).await.as_str()), (410, "file-expired"));
    assert_eq!(list_files(&app.server.files()).len(), 1);
}
