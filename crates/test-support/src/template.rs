//! One migrated database, created once per state of the migrations and copied for every test: a copy takes
//! about 30 ms, a migration ten times as long.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use haat_persistence_adapter::{DatabaseConfig, migrate};
use tokio_postgres::Client;

use crate::connection::{connect, url_of};

/// The advisory lock: one process creates the template, the others wait.
const LOCK: i64 = 0x7465_7374;

/// Makes the functions of triggers log the plans of their statements, for `scripts/plan-guard`.
const LOG: &str = "SET auto_explain.log_nested_statements = on";

/// The opposite of [`LOG`].
const DO_NOT_LOG: &str = "RESET auto_explain.log_nested_statements";

/// Returns the statement that changes a setting of the functions of triggers. Before PostgreSQL 15 only a superuser could.
fn of_trigger_functions(change: &str) -> String {
    format!(
        "DO $$ DECLARE trigger_function REGPROCEDURE;
BEGIN
    IF current_setting('server_version_num')::int >= 150000 THEN
        FOR trigger_function IN
            SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
        LOOP
            EXECUTE format('ALTER FUNCTION %s {change}', trigger_function);
        END LOOP;
    END IF;
END $$"
    )
}

/// Stops the functions of the triggers of a database from logging the plans of their statements.
pub(crate) async fn log_no_plans_of_functions(owner: &Client) {
    owner.batch_execute(&of_trigger_functions(DO_NOT_LOG)).await.expect("functions that log no plans");
}

/// Returns the name of the template for the current migrations, and creates the template if it is missing.
pub(crate) async fn template(admin: &Client) -> String {
    let name = format!("haat_template_{:016x}", fingerprint());
    admin.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("lock the template");
    let exists = admin
        .query_one("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", &[&name])
        .await
        .expect("a list of databases");
    if !exists.get::<_, bool>(0) {
        create(admin, &name).await;
    }
    admin.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.expect("unlock the template");
    name
}

/// Creates the template under a temporary name, so that an incomplete template is never used.
async fn create(admin: &Client, name: &str) {
    sweep(admin).await;
    let incomplete = format!("{name}_incomplete");
    admin
        .batch_execute(&format!("DROP DATABASE IF EXISTS {incomplete} WITH (FORCE)"))
        .await
        .expect("drop the incomplete template");
    admin
        .batch_execute(&format!("CREATE DATABASE {incomplete} TEMPLATE template1"))
        .await
        .expect("create the template");
    let config = DatabaseConfig::new(url_of("HAAT_TEST_OWNER_URL", &incomplete));
    // The migration harness needs a multi-threaded runtime, which a test may not have.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(migrate(&config, &FixedClock)).expect("migrations that apply");
    })
    .join()
    .expect("a migrated template");
    let owner = connect(&url_of("HAAT_TEST_OWNER_URL", &incomplete)).await;
    owner.batch_execute(&of_trigger_functions(LOG)).await.expect("functions that log their plans");
    drop(owner);
    admin
        .batch_execute(&format!("ALTER DATABASE {incomplete} RENAME TO {name}"))
        .await
        .expect("rename the template");
}

/// Drops templates of older migrations, and copies of tests that were killed.
async fn sweep(admin: &Client) {
    let old = "SELECT datname FROM pg_database WHERE datname LIKE 'haat\\_t%' AND NOT EXISTS \
               (SELECT FROM pg_stat_activity a WHERE a.datname = pg_database.datname)";
    for row in admin.query(old, &[]).await.expect("a list of databases") {
        let name: String = row.get(0);
        // Another process may have started to use the database; then it stays.
        let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await;
    }
}

fn fingerprint() -> u64 {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations"), &mut files);
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(&file).expect("a readable migration").hash(&mut hasher);
    }
    of_trigger_functions(LOG).hash(&mut hasher);
    hasher.finish()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the migrations") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
}

/// A fixed clock: neither the partitions of a template nor demo data may depend on the day of the test.
pub(crate) struct FixedClock;

impl haat_domain::shared::Clock for FixedClock {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
    }
}
