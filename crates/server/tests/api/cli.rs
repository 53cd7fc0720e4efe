//! The command line, as an operator uses it.

use haat_test_support::{TestDatabase, redis_url};
use serde_json::{Value, json};

use crate::support::{SECRET, Server, haat, run};

const OWNER: &str = "HAAT_OWNER_DATABASE_URL";

#[test]
fn help_tells_every_command_and_every_variable() {
    let said = run(haat(&["--help"], &[]));
    assert!(said.ok);
    for command in ["serve", "migrate", "seed", "create-admin", "openapi"] {
        assert!(said.out.contains(command), "{}", said.out);
        assert!(run(haat(&[command, "--help"], &[])).ok, "{command}");
    }
    let secrets = [
        ("HAAT_JWT_SECRET", "do-not-show-1"),
        ("DATABASE_URL", "do-not-show-2"),
        ("REDIS_URL", "do-not-show-3"),
    ];
    let said = run(haat(&["serve", "--help"], &secrets));
    for name in ["DATABASE_URL", "REDIS_URL", "HAAT_JWT_SECRET", "HAAT_BIND", "HAAT_ENV", "127.0.0.1:8080"] {
        assert!(said.out.contains(name), "{name}: {}", said.out);
    }
    assert!(!said.out.contains("do-not-show"), "{}", said.out);
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once_and_no_secret_with_it() {
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
    let said = run(haat(&["serve"], &environment));
    assert!(!said.ok);
    for (name, _) in environment {
        assert!(said.err.contains(&format!("- {name}: ")), "{name}: {}", said.err);
    }
    assert!(!said.err.contains("hush-hush"), "{}", said.err);
}

#[test]
fn production_wants_a_secret_and_no_demo_users() {
    let url = ("DATABASE_URL", "postgres://a:b@127.0.0.1:1/haat");
    for environment in [vec![url], vec![url, ("HAAT_JWT_SECRET", "")], vec![url, ("HAAT_ENV", "production")]]
    {
        let said = run(haat(&["serve"], &environment));
        assert!(!said.ok && said.err.contains("HAAT_JWT_SECRET: is required"), "{}", said.err);
    }
    let said = run(haat(&["serve"], &[url, ("HAAT_JWT_SECRET", &SECRET[..31])]));
    assert!(!said.ok && said.err.contains("at least 32 bytes"), "{}", said.err);
    let said = run(haat(&["seed"], &[(OWNER, "postgres://a:b@127.0.0.1:1/haat")]));
    assert!(!said.ok && said.err.contains("only with HAAT_ENV=development"), "{}", said.err);
    let said = run(haat(&["serve"], &[url, ("HAAT_ENV", "prod")]));
    assert!(!said.ok && said.err.contains("HAAT_ENV: must be development or production"), "{}", said.err);
}

#[test]
fn a_missing_database_url_says_how_one_looks() {
    for (command, name) in [("serve", "DATABASE_URL"), ("migrate", OWNER), ("seed", OWNER)] {
        let said = run(haat(&[command], &[("HAAT_ENV", "development")]));
        assert!(
            !said.ok && said.err.contains(&format!("{name}: is required, for example postgres://")),
            "{}",
            said.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_database_to_a_representatives_shops() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (owner_url, app_url) = (database.owner_url(), database.app_url());
    let owner = [(OWNER, owner_url.as_str()), ("HAAT_ENV", "development"), ("HAAT_BCRYPT_COST", "4")];

    let said = run(haat(&["serve"], &[("DATABASE_URL", &app_url), ("HAAT_JWT_SECRET", SECRET)]));
    assert!(!said.ok && said.err.contains("run `haat migrate`"), "{}", said.err);

    let said = run(haat(&["seed"], &owner));
    assert!(!said.ok && said.err.contains("run `haat migrate`"), "{}", said.err);
    let admin = [("DATABASE_URL", app_url.as_str()), ("HAAT_ADMIN_PASSWORD", "Boss@12345")];
    let said = run(haat(&["create-admin", "--username", "boss"], &admin));
    assert!(!said.ok && said.err.contains("run `haat migrate`"), "{}", said.err);

    let said = run(haat(&["migrate"], &owner));
    let all = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir())
        .count();
    assert!(
        said.ok && said.out.contains(&format!("{all} migration(s) applied")),
        "{} {}",
        said.out,
        said.err
    );
    let said = run(haat(&["migrate"], &owner));
    assert!(said.ok && said.out.contains("0 migration(s) applied"), "{} {}", said.out, said.err);

    let said = run(haat(&["seed", "--retailers", "210", "--seed", "3"], &owner));
    assert!(
        said.ok && said.out.contains("seeded 210 retailers and 3 sales reps"),
        "{} {}",
        said.out,
        said.err
    );
    let said = run(haat(&["seed"], &owner));
    assert!(!said.ok && said.err.contains("there is data already"), "{}", said.err);
    assert!(run(haat(&["seed", "--if-empty"], &owner)).ok);
    let said = run(haat(&["seed", "--retailers", "5"], &owner));
    assert!(!said.ok && said.err.contains("100 to 10,000,000"), "{}", said.err);

    let redis = redis_url();
    let server = Server::start(&app_url, &[("REDIS_URL", &redis)]);
    let login = json!({"username": "sr00002", "password": "Sr@12345"});
    let answer: Value = server.log_in_request(&login).send().await.unwrap().json().await.unwrap();
    let token = answer["accessToken"].as_str().unwrap();
    let response = server.get("/retailers?limit=100").bearer_auth(token).send().await.unwrap();
    let page: Value = response.json().await.unwrap();
    let shops = page["data"].as_array().unwrap().len();
    assert!((60..=80).contains(&shops), "{shops}");
    let login = json!({"username": "admin", "password": "Admin@12345"});
    assert_eq!(server.log_in_request(&login).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_made_and_logs_in() {
    let database = TestDatabase::new().await;
    let app_url = database.app_url();
    let environment = [
        ("DATABASE_URL", app_url.as_str()),
        ("HAAT_ADMIN_PASSWORD", "Boss@12345"),
        ("HAAT_ENV", "development"),
        ("HAAT_BCRYPT_COST", "4"),
    ];
    let make = |arguments: &[&str], environment: &[(&str, &str)]| {
        run(haat(&[&["create-admin"], arguments].concat(), environment))
    };
    let said = make(&["--username", "Boss", "--name", "বস", "--phone", "01711-234567"], &environment);
    assert!(said.ok && said.out.contains("boss can log in now"), "{} {}", said.out, said.err);

    for (arguments, reason) in [
        (&["--username", "boss"][..], "that username is taken"),
        (&["--username", "boss2", "--phone", "+8801711234567"], "that phone is taken"),
        (&["--username", "boss2", "--tenant", "nowhere"], "no tenant of that name"),
        (&["--username", "12", "--email", "x", "--phone", "5"], "--username: must be"),
        (&["--username", "boss2", "--name", "\u{7}"], "--name: must not contain control"),
    ] {
        let said = make(arguments, &environment);
        assert!(!said.ok && said.err.contains(reason), "{arguments:?}: {}", said.err);
    }
    let short = [environment[0], ("HAAT_ADMIN_PASSWORD", "short")];
    let said = make(&["--username", "boss2"], &short);
    assert!(
        !said.ok && said.err.contains("at least 8 bytes") && !said.err.contains("short\""),
        "{}",
        said.err
    );
    let said = make(&["--username", "boss2"], &environment[..1]);
    assert!(!said.ok && said.err.contains("password"), "nothing on standard input: {}", said.err);

    let owner_url = database.owner_url();
    let said = run(haat(&["seed"], &[(OWNER, &owner_url), ("HAAT_ENV", "development")]));
    assert!(
        !said.ok && said.err.contains("there is data already"),
        "no public passwords beside real people: {}",
        said.err
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
async fn a_second_company_is_added_and_knows_nothing_of_the_first() {
    let app = crate::support::App::new().await;
    let (owner_url, app_url) = (app.database.owner_url(), app.database.app_url());
    let tenant = |slug: &str| {
        run(haat(&["create-tenant", "--slug", slug, "--name", "Acme Ltd"], &[(OWNER, &owner_url)]))
    };
    let said = tenant("acme");
    assert!(said.ok && said.out.contains("create-admin --tenant acme"), "{} {}", said.out, said.err);
    let said = tenant("acme");
    assert!(!said.ok && said.err.contains("already"), "{}", said.err);
    assert!(tenant("NO!").err.contains("--slug"));
    let environment =
        [("DATABASE_URL", &*app_url), ("HAAT_ADMIN_PASSWORD", "Boss@12345"), ("HAAT_ENV", "development")];
    let said = run(haat(&["create-admin", "--username", "boss", "--tenant", "acme"], &environment));
    assert!(said.ok, "{}", said.err);
    let login = json!({"username": "boss", "password": "Boss@12345", "tenant": "acme"});
    let answer: serde_json::Value =
        app.server.log_in_request(&login).send().await.unwrap().json().await.unwrap();
    let token = answer["accessToken"].as_str().unwrap();
    for path in ["/admin/retailers", "/regions", "/admin/sales-reps"] {
        let response = app.server.get(path).bearer_auth(token).send().await.unwrap();
        let list: serde_json::Value = response.json().await.unwrap();
        assert_eq!(list["data"], json!([]), "{path}");
    }
    let owner = app.database.owner().await;
    let told = "SELECT count(*) FROM audit_logs WHERE action = 'tenant.create'";
    assert_eq!(owner.query_one(told, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_search_bangla_is_refused_with_what_to_do() {
    let database = TestDatabase::empty("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'").await;
    let (owner_url, app_url) = (database.owner_url(), database.app_url());
    let said = run(haat(&["migrate"], &[(OWNER, &owner_url)]));
    assert!(!said.ok && said.err.contains("LC_CTYPE is C"), "{}", said.err);
    let said = run(haat(&["serve"], &[("DATABASE_URL", &app_url), ("HAAT_JWT_SECRET", SECRET)]));
    assert!(
        !said.ok && said.err.contains("LC_CTYPE is C") && said.err.contains("CREATE DATABASE"),
        "{}",
        said.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_will_never_answer_is_no_reason_to_wait() {
    let database = TestDatabase::new().await;
    let url = database.app_url();
    let (wrong_password, wrong_name) = (url.replace("haat_app:", "haat_app:x"), format!("{url}_gone"));
    for (url, reason) in [
        (wrong_password, "password authentication failed"),
        (wrong_name, "does not exist"),
        (format!("{url}?no_such_option=1"), "DATABASE_URL: invalid connection string"),
    ] {
        let said = run(haat(&["serve"], &[("DATABASE_URL", &url), ("HAAT_JWT_SECRET", SECRET)]));
        assert!(!said.ok && said.err.contains(reason), "{reason}: {}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named() {
    let database = TestDatabase::new().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, url) = (taken.local_addr().unwrap().to_string(), database.app_url());
    let said = run(haat(
        &["serve"],
        &[("DATABASE_URL", &url), ("HAAT_JWT_SECRET", SECRET), ("HAAT_BIND", &address)],
    ));
    assert!(!said.ok && said.err.contains(&format!("cannot listen on {address}")), "{}", said.err);
}

/// Seeds a database of its own; the most memory that took, in KiB.
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

/// A million-row seed in the time and memory of the plan is shown by the bench; that memory does not grow with the
/// number of rows is shown here.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: seeds 200,000 shops"]
async fn a_large_seed_takes_no_more_memory_than_a_small_one() {
    let (small, large) = (peak_of_seeding(2_000).await, peak_of_seeding(200_000).await);
    // 198,000 rows of a hundred bytes each would be 20 MiB more.
    assert!(small > 0 && large < small + 10 * 1024, "VmHWM {small} and {large} KiB");
}
