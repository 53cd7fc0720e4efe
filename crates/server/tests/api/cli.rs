//! The command line.

use haat_test_support::{TestDatabase, redis_url};
use serde_json::{Value, json};

use crate::mfa;
use crate::support::{SECRET, Server, haat, run};

const OWNER: &str = "HAAT_OWNER_DATABASE_URL";

/// The key of the demo.
const DEMO_KEY: (&str, &str) = ("HAAT_MFA_KEYS", "development=haat-development-key-that-is-no-secret");

#[test]
fn help_lists_every_command_and_variable() {
    let output = run(haat(&["--help"], &[]));
    assert!(output.success);
    for command in ["serve", "migrate", "seed", "create-admin", "create-super-admin", "openapi"] {
        assert!(output.stdout.contains(command), "{}", output.stdout);
        assert!(run(haat(&[command, "--help"], &[])).success, "{command}");
    }
    let secrets = [
        ("HAAT_JWT_SECRET", "do-not-show-1"),
        ("DATABASE_URL", "do-not-show-2"),
        ("REDIS_URL", "do-not-show-3"),
    ];
    let output = run(haat(&["serve", "--help"], &secrets));
    for name in ["DATABASE_URL", "REDIS_URL", "HAAT_JWT_SECRET", "HAAT_BIND", "HAAT_ENV", "127.0.0.1:8080"] {
        assert!(output.stdout.contains(name), "{name}: {}", output.stdout);
    }
    assert!(!output.stdout.contains("do-not-show"), "{}", output.stdout);
}

#[test]
fn configuration_errors_are_reported_at_once_without_secrets() {
    let environment = [
        ("DATABASE_URL", "mysql://root:hush-hush@localhost/haat"),
        ("REDIS_URL", "hush-hush"),
        ("HAAT_JWT_SECRET", "hush-hush"),
        ("HAAT_BIND", "nowhere"),
        ("HAAT_WORKERS", "many"),
        ("HAAT_BCRYPT_COST", "4"),
        ("HAAT_LOG", "=,=,"),
        ("HAAT_LOG_FORMAT", "xml"),
    ];
    let output = run(haat(&["serve"], &environment));
    assert!(!output.success);
    for (name, _) in environment {
        assert!(output.stderr.contains(&format!("- {name}: ")), "{name}: {}", output.stderr);
    }
    assert!(!output.stderr.contains("hush-hush"), "{}", output.stderr);
}

#[test]
fn production_requires_a_secret_and_refuses_demo_users() {
    let url = ("DATABASE_URL", "postgres://a:b@127.0.0.1:1/haat");
    for environment in [vec![url], vec![url, ("HAAT_JWT_SECRET", "")], vec![url, ("HAAT_ENV", "production")]]
    {
        let output = run(haat(&["serve"], &environment));
        assert!(
            !output.success && output.stderr.contains("HAAT_JWT_SECRET: is required"),
            "{}",
            output.stderr
        );
    }
    let output = run(haat(&["serve"], &[url, ("HAAT_JWT_SECRET", &SECRET[..31])]));
    assert!(!output.success && output.stderr.contains("at least 32 bytes"), "{}", output.stderr);
    let environment =
        [("DATABASE_URL", "postgres://a:b@127.0.0.1:1/haat"), ("HAAT_JWT_SECRET", SECRET), DEMO_KEY];
    let output = run(haat(&["serve"], &environment));
    assert!(
        !output.success
            && output.stderr.contains("HAAT_MFA_KEYS: has the key of the demo")
            && !output.stderr.contains("that-is-no-secret"),
        "{}",
        output.stderr
    );
    let output = run(haat(&["seed"], &[(OWNER, "postgres://a:b@127.0.0.1:1/haat")]));
    assert!(!output.success && output.stderr.contains("only with HAAT_ENV=development"), "{}", output.stderr);
    let output = run(haat(&["serve"], &[url, ("HAAT_ENV", "prod")]));
    assert!(
        !output.success && output.stderr.contains("HAAT_ENV: must be development or production"),
        "{}",
        output.stderr
    );
}

#[test]
fn missing_database_url_is_reported_with_an_example() {
    for (command, name) in [("serve", "DATABASE_URL"), ("migrate", OWNER), ("seed", OWNER)] {
        let output = run(haat(&[command], &[("HAAT_ENV", "development")]));
        assert!(
            !output.success
                && output.stderr.contains(&format!("{name}: is required, for example postgres://")),
            "{}",
            output.stderr
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_and_seed_prepare_an_empty_database() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (owner_url, app_url) = (database.owner_url(), database.app_url());
    let owner = [(OWNER, owner_url.as_str()), ("HAAT_ENV", "development"), ("HAAT_BCRYPT_COST", "4")];

    let output = run(haat(&["serve"], &[("DATABASE_URL", &app_url), ("HAAT_JWT_SECRET", SECRET)]));
    assert!(!output.success && output.stderr.contains("run `haat migrate`"), "{}", output.stderr);

    let output = run(haat(&["seed"], &owner));
    assert!(!output.success && output.stderr.contains("run `haat migrate`"), "{}", output.stderr);
    let admin = [("DATABASE_URL", app_url.as_str()), ("HAAT_ADMIN_PASSWORD", "Boss@12345")];
    let output = run(haat(&["create-admin", "--username", "boss"], &admin));
    assert!(!output.success && output.stderr.contains("run `haat migrate`"), "{}", output.stderr);

    let output = run(haat(&["migrate"], &owner));
    let all = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir())
        .count();
    assert!(
        output.success && output.stdout.contains(&format!("{all} migration(s) applied")),
        "{} {}",
        output.stdout,
        output.stderr
    );
    let output = run(haat(&["migrate"], &owner));
    assert!(
        output.success && output.stdout.contains("0 migration(s) applied"),
        "{} {}",
        output.stdout,
        output.stderr
    );

    let seeded = run(haat(&["seed", "--retailers", "210", "--seed", "3"], &owner));
    assert!(
        seeded.success && seeded.stdout.contains("seeded 210 retailers and 3 sales reps"),
        "{} {}",
        seeded.stdout,
        seeded.stderr
    );
    let output = run(haat(&["seed"], &owner));
    assert!(!output.success && output.stderr.contains("there is data already"), "{}", output.stderr);
    assert!(run(haat(&["seed", "--if-empty"], &owner)).success);
    let output = run(haat(&["seed", "--retailers", "5"], &owner));
    assert!(!output.success && output.stderr.contains("between 100 and 10,000,000"), "{}", output.stderr);

    let redis = redis_url();
    let server = Server::start(&app_url, &[("REDIS_URL", &redis), DEMO_KEY]);
    let login = json!({"username": "sr00002", "password": "Sr@12345"});
    let login: Value = server.log_in_request(&login).send().await.unwrap().json().await.unwrap();
    let token = login["accessToken"].as_str().unwrap();
    let response = server.get("/retailers?limit=100").bearer_auth(token).send().await.unwrap();
    let page: Value = response.json().await.unwrap();
    let retailers = page["data"].as_array().unwrap().len();
    assert!((60..=80).contains(&retailers), "{retailers}");
    for tenant in ["default", "second"] {
        let login = json!({"tenant": tenant, "username": "admin", "password": "Admin@12345"});
        assert_eq!(server.log_in_request(&login).send().await.unwrap().status(), 200, "{tenant}");
    }
    for (username, role) in [
        ("national", "national_manager"),
        ("regional", "regional_manager"),
        ("area", "area_manager"),
        ("leader1", "team_leader"),
        ("distributor", "distributor_user"),
        ("retailer", "retailer_user"),
    ] {
        let login = json!({"username": username, "password": "Sr@12345"});
        let login: Value = server.log_in_request(&login).send().await.unwrap().json().await.unwrap();
        assert_eq!(login["user"]["roles"], json!([role]), "{login}");
        let token = login["accessToken"].as_str().unwrap();
        let response = server.get("/retailers?limit=1").bearer_auth(token).send().await.unwrap();
        let page: Value = response.json().await.unwrap();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{username}: {page}");
    }
    // The super admin, with the seed that the command has printed.
    let (_, seed) = seeded.stdout.trim().rsplit_once(' ').unwrap();
    let login = json!({"tenant": "haat-platform", "username": "root", "password": "Root@12345"});
    let (status, challenge) = mfa::send(server.log_in_request(&login)).await;
    assert_eq!((status, mfa::text(&challenge, "code")), (401, "mfa-required"));
    let answer = json!({"mfaToken": mfa::text(&challenge, "mfaToken"), "code": mfa::totp(seed, 0)});
    let (status, root) = mfa::post(&server, "", "/auth/mfa/challenge", answer).await;
    assert_eq!(status, 200, "{root}");
    let users =
        server.get("/users").bearer_auth(mfa::text(&root, "accessToken")).header("x-tenant-id", "second");
    let (status, users) = mfa::send(users).await;
    assert_eq!((status, users["data"].as_array().unwrap().len()), (200, 1), "{users}");
}

#[tokio::test(flavor = "multi_thread")]
async fn created_admin_can_log_in() {
    let database = TestDatabase::new().await;
    let app_url = database.app_url();
    let environment = [
        ("DATABASE_URL", app_url.as_str()),
        ("HAAT_ADMIN_PASSWORD", "Boss@12345"),
        ("HAAT_ENV", "development"),
        ("HAAT_BCRYPT_COST", "4"),
    ];
    let create = |arguments: &[&str], environment: &[(&str, &str)]| {
        run(haat(&[&["create-admin"], arguments].concat(), environment))
    };
    let output = create(&["--username", "Boss", "--name", "বস", "--phone", "01711-234567"], &environment);
    assert!(
        output.success && output.stdout.contains("boss can log in now"),
        "{} {}",
        output.stdout,
        output.stderr
    );

    for (arguments, reason) in [
        (&["--username", "boss"][..], "the username is taken"),
        (&["--username", "boss2", "--phone", "+8801711234567"], "the phone number is taken"),
        (&["--username", "boss2", "--tenant", "nowhere"], "there is no active tenant with this slug"),
        (&["--username", "12", "--email", "x", "--phone", "5"], "--username: must be"),
        (&["--username", "boss2", "--name", "\u{7}"], "--name: must not contain control"),
    ] {
        let output = create(arguments, &environment);
        assert!(!output.success && output.stderr.contains(reason), "{arguments:?}: {}", output.stderr);
    }
    let short = [environment[0], ("HAAT_ADMIN_PASSWORD", "short")];
    let output = create(&["--username", "boss2"], &short);
    assert!(
        !output.success
            && output.stderr.contains("at least 8 characters")
            && !output.stderr.contains("short\""),
        "{}",
        output.stderr
    );
    let output = create(&["--username", "boss2"], &environment[..1]);
    assert!(
        !output.success && output.stderr.contains("password"),
        "standard input is empty: {}",
        output.stderr
    );

    let owner_url = database.owner_url();
    let output = run(haat(&["seed"], &[(OWNER, &owner_url), ("HAAT_ENV", "development")]));
    assert!(
        !output.success && output.stderr.contains("there is data already"),
        "no public passwords next to real users: {}",
        output.stderr
    );

    let server = Server::start(&app_url, &[]);
    for name in ["boss", "01711234567"] {
        let login = json!({"identifier": name, "password": "Boss@12345"});
        assert_eq!(server.log_in_request(&login).send().await.unwrap().status(), 200, "{name}");
    }
    let owner = database.owner().await;
    let row = owner
        .query_one("SELECT count(*), bool_or(after::text LIKE '%$2b$%') FROM audit_logs WHERE action = 'user.create'", &[])
        .await
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, bool>(1)), (1, false), "one entry, without the hash");
}

#[tokio::test(flavor = "multi_thread")]
async fn created_tenant_sees_no_data_of_the_first() {
    let app = crate::support::App::new().await;
    let (owner_url, app_url) = (app.database.owner_url(), app.database.app_url());
    let tenant = |slug: &str| {
        run(haat(&["create-tenant", "--slug", slug, "--name", "Acme Ltd"], &[(OWNER, &owner_url)]))
    };
    let output = tenant("acme");
    assert!(
        output.success && output.stdout.contains("create-admin --tenant acme"),
        "{} {}",
        output.stdout,
        output.stderr
    );
    let output = tenant("acme");
    assert!(!output.success && output.stderr.contains("already"), "{}", output.stderr);
    assert!(tenant("NO!").stderr.contains("--slug"));
    let environment =
        [("DATABASE_URL", &*app_url), ("HAAT_ADMIN_PASSWORD", "Boss@12345"), ("HAAT_ENV", "development")];
    let output = run(haat(&["create-admin", "--username", "boss", "--tenant", "acme"], &environment));
    assert!(output.success, "{}", output.stderr);
    let login = json!({"username": "boss", "password": "Boss@12345", "tenant": "acme"});
    let login: serde_json::Value =
        app.server.log_in_request(&login).send().await.unwrap().json().await.unwrap();
    let token = login["accessToken"].as_str().unwrap();
    for path in ["/admin/retailers", "/regions", "/admin/sales-reps"] {
        let response = app.server.get(path).bearer_auth(token).send().await.unwrap();
        let list: serde_json::Value = response.json().await.unwrap();
        assert_eq!(list["data"], json!([]), "{path}");
    }
    let owner = app.database.owner().await;
    let entries = "SELECT count(*) FROM audit_logs WHERE action = 'tenant.create'";
    assert_eq!(owner.query_one(entries, &[]).await.unwrap().get::<_, i64>(0), 1);
}

/// Runs a script of the folder `scripts`, which calls `haat` with these variables.
fn script(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> crate::support::CommandOutput {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/");
    let mut command = std::process::Command::new(format!("{folder}{name}"));
    command.args(arguments).envs(environment.iter().copied()).env("HAAT_BIN", env!("CARGO_BIN_EXE_haat"));
    run(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_admin_from_the_script_needs_a_second_factor() {
    let database = TestDatabase::new().await;
    let (app_url, owner_url) = (database.app_url(), database.owner_url());
    let environment = [
        ("DATABASE_URL", &*app_url),
        (OWNER, &owner_url),
        ("HAAT_ADMIN_PASSWORD", "Boss@12345"),
        ("HAAT_ENV", "development"),
        ("HAAT_BCRYPT_COST", "4"),
    ];
    let output = script("create_superadmin.sh", &["boss", "--name", "Boss"], &environment);
    assert!(output.success && output.stdout.contains("boss can log in now"), "{}", output.stderr);
    let output = script("create_tenant_admin.sh", &["acme", "Acme Ltd", "karima"], &environment);
    assert!(output.success && output.stdout.contains("karima can log in now"), "{}", output.stderr);
    for (name, arguments) in
        [("create_superadmin.sh", &[][..]), ("create_tenant_admin.sh", &["acme", "Acme Ltd"])]
    {
        assert!(script(name, arguments, &environment).stderr.contains("Usage: "), "{name}");
    }
    let admin = ["create-admin", "--username", "other", "--tenant", "haat-platform"];
    let output = run(haat(&admin, &environment));
    assert!(!output.success && output.stderr.contains("create-super-admin"), "{}", output.stderr);

    let server = Server::start(&app_url, &[mfa::KEYS]);
    let acme = json!({"tenant": "acme", "username": "karima", "password": "Boss@12345"});
    assert_eq!(server.log_in_request(&acme).send().await.unwrap().status(), 200);
    let login = json!({"username": "boss", "password": "Boss@12345"});
    assert_eq!(
        server.log_in_request(&login).send().await.unwrap().status(),
        401,
        "not in the tenant default"
    );
    let login = json!({"tenant": "haat-platform", "username": "boss", "password": "Boss@12345"});
    let (status, first) = mfa::send(server.log_in_request(&login)).await;
    assert_eq!(status, 200, "{first}");
    let token = mfa::text(&first, "accessToken");
    let requests = |token: &str| {
        [
            server.get("/tenants").bearer_auth(token),
            server.get("/users").bearer_auth(token).header("x-tenant-id", "acme"),
        ]
    };
    for request in requests(token) {
        let (status, problem) = mfa::send(request).await;
        assert_eq!((status, mfa::text(&problem, "code")), (403, "mfa-enrollment-required"));
    }
    let (_, seed) = mfa::post(&server, token, "/auth/mfa/enroll", json!({"password": "Boss@12345"})).await;
    let code = json!({"code": mfa::totp(mfa::text(&seed, "secret"), 0)});
    let (status, verified) = mfa::post(&server, token, "/auth/mfa/verify", code).await;
    assert_eq!(status, 200, "{verified}");
    for request in requests(mfa::text(&verified, "accessToken")) {
        assert_eq!(mfa::send(request).await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_that_cannot_search_bangla_is_refused_with_instructions() {
    let database = TestDatabase::empty("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'").await;
    let (owner_url, app_url) = (database.owner_url(), database.app_url());
    let output = run(haat(&["migrate"], &[(OWNER, &owner_url)]));
    assert!(!output.success && output.stderr.contains("LC_CTYPE is C"), "{}", output.stderr);
    let output = run(haat(&["serve"], &[("DATABASE_URL", &app_url), ("HAAT_JWT_SECRET", SECRET)]));
    assert!(
        !output.success
            && output.stderr.contains("LC_CTYPE is C")
            && output.stderr.contains("CREATE DATABASE"),
        "{}",
        output.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn permanent_connection_errors_end_the_command() {
    let database = TestDatabase::new().await;
    let url = database.app_url();
    let (wrong_password, wrong_name) = (url.replace("haat_app:", "haat_app:x"), format!("{url}_gone"));
    for (url, reason) in [
        (wrong_password, "password authentication failed"),
        (wrong_name, "does not exist"),
        (format!("{url}?no_such_option=1"), "DATABASE_URL: invalid connection string"),
    ] {
        let output = run(haat(&["serve"], &[("DATABASE_URL", &url), ("HAAT_JWT_SECRET", SECRET)]));
        assert!(!output.success && output.stderr.contains(reason), "{reason}: {}", output.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn port_in_use_is_reported_with_its_address() {
    let database = TestDatabase::new().await;
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, url) = (occupied.local_addr().unwrap().to_string(), database.app_url());
    let output = run(haat(
        &["serve"],
        &[("DATABASE_URL", &url), ("HAAT_JWT_SECRET", SECRET), ("HAAT_BIND", &address)],
    ));
    assert!(
        !output.success && output.stderr.contains(&format!("cannot listen on {address}")),
        "{}",
        output.stderr
    );
}

/// Seeds a new database and returns the peak memory of the command, in KiB.
#[cfg(target_os = "linux")]
async fn peak_of_seeding(retailers: i64) -> u64 {
    let database = TestDatabase::new().await;
    let owner_url = database.owner_url();
    let environment = [(OWNER, owner_url.as_str()), ("HAAT_ENV", "development"), ("HAAT_BCRYPT_COST", "4")];
    let mut child = haat(&["seed", "--retailers", &retailers.to_string()], &environment).spawn().unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status_file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak_kib = peak_kib.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(child.wait().unwrap().success());
    let rows = database.owner().await.query_one("SELECT count(*) FROM retailers", &[]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), retailers);
    peak_kib
}

/// Verifies that memory does not grow with the number of rows: 200,000, or as many as `HAAT_TEST_ROWS` says.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute, or minutes with a million rows: make test-long, make prove million"]
async fn memory_of_a_seed_does_not_grow_with_the_number_of_rows() {
    let rows = std::env::var("HAAT_TEST_ROWS").map_or(200_000, |rows| rows.parse().unwrap());
    let (small, large) = (peak_of_seeding(2_000).await, peak_of_seeding(rows).await);
    // Holding 198,000 rows of a hundred bytes each would take 20 MiB more.
    assert!(small > 0 && large < small + 10 * 1024, "VmHWM {small} and {large} KiB");
}
