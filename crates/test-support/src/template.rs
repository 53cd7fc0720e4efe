//! One migrated database, made once per state of the migrations, of which every test gets a copy: copying takes about
//! 30 ms, migrating ten times that.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use haat_persistence_adapter::{DatabaseConfig, migrate};
use tokio_postgres::Client;

use crate::database::url_of;

/// Only one process makes the template; the others wait.
const LOCK: i64 = 0x7465_7374;

/// The name of the template for the migrations as they are, made if it is missing.
pub(crate) async fn template(admin: &Client) -> String {
    let name = format!("haat_template_{:016x}", fingerprint());
    admin.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("a lock");
    let there = admin
        .query_one("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", &[&name])
        .await
        .expect("a list of databases");
    if !there.get::<_, bool>(0) {
        make(admin, &name).await;
    }
    admin.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.expect("an unlock");
    name
}

/// Makes it under another name, so that one half made is never taken for one whole.
async fn make(admin: &Client, name: &str) {
    sweep(admin).await;
    let half = format!("{name}_half");
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)")).await.expect("a drop");
    admin.batch_execute(&format!("CREATE DATABASE {half} TEMPLATE template1")).await.expect("a database");
    let config = DatabaseConfig::new(url_of("HAAT_TEST_OWNER_URL", &half));
    // The migration harness wants a multi-thread runtime, which a test need not have.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(migrate(&config, &Noon)).expect("migrations that apply");
    })
    .join()
    .expect("a migrated template");
    admin.batch_execute(&format!("ALTER DATABASE {half} RENAME TO {name}")).await.expect("a rename");
}

/// Removes templates of older migrations, and copies whose test was killed.
async fn sweep(admin: &Client) {
    let old = "SELECT datname FROM pg_database WHERE datname LIKE 'haat\\_t%' AND NOT EXISTS \
               (SELECT FROM pg_stat_activity a WHERE a.datname = pg_database.datname)";
    for row in admin.query(old, &[]).await.expect("a list of databases") {
        let name: String = row.get(0);
        // Somebody else may have begun to use it meanwhile; then it stays.
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

/// A clock that stands still: the partitions of a template must not depend on the day of the test.
struct Noon;

impl haat_domain::shared::Clock for Noon {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default()
    }
}
