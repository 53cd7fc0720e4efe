use haat_persistence_adapter::{DatabaseConfig, PgDatabase};
use tokio_postgres::Client;

use crate::connection::{connect, url_of};
use crate::template::{log_no_plans_of_functions, template};
use crate::{required_env, unique_word};

/// A migrated database for one test. It is removed when this value is dropped.
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// Creates a copy of the template.
    ///
    /// # Panics
    /// Panics if Postgres cannot be reached.
    pub async fn new() -> Self {
        let admin = connect(&required_env("HAAT_TEST_OWNER_URL")).await;
        let template = template(&admin).await;
        let name = format!("haat_t_{}", unique_word());
        Self::create(&admin, &name, &format!("TEMPLATE {template}")).await
    }

    /// Creates an empty database, for tests of migrations; `options` follow `CREATE DATABASE`.
    ///
    /// # Panics
    /// Panics if Postgres cannot be reached.
    pub async fn empty(options: &str) -> Self {
        let admin = connect(&required_env("HAAT_TEST_OWNER_URL")).await;
        // The template is not used here, but its creation sweeps abandoned databases.
        template(&admin).await;
        Self::create(&admin, &format!("haat_t_{}", unique_word()), options).await
    }

    async fn create(admin: &Client, name: &str, options: &str) -> Self {
        let statement = format!("CREATE DATABASE {name} {options}");
        admin.batch_execute(&statement).await.expect("create the database");
        Self { name: name.to_owned() }
    }

    /// Returns the URL for the role that owns the tables.
    #[must_use]
    pub fn owner_url(&self) -> String {
        url_of("HAAT_TEST_OWNER_URL", &self.name)
    }

    /// Returns the URL for the role of the server.
    #[must_use]
    pub fn app_url(&self) -> String {
        url_of("HAAT_TEST_APP_URL", &self.name)
    }

    /// Returns the configuration of the owner.
    #[must_use]
    pub fn owner_config(&self) -> DatabaseConfig {
        DatabaseConfig::new(self.owner_url())
    }

    /// Returns the configuration of the server.
    #[must_use]
    pub fn app_config(&self) -> DatabaseConfig {
        DatabaseConfig { pool_size: 4, ..DatabaseConfig::new(self.app_url()) }
    }

    /// Returns the adapter, configured as in the server.
    ///
    /// # Panics
    /// Panics if the pool cannot be built.
    #[must_use]
    pub fn adapter(&self) -> PgDatabase {
        PgDatabase::new(&self.app_config()).expect("build the pool")
    }

    /// Returns the number that a statement selects.
    ///
    /// # Panics
    /// Panics if the statement fails or selects anything else.
    pub async fn number(&self, statement: &str) -> i64 {
        self.owner().await.query_one(statement, &[]).await.expect("select a number").get(0)
    }

    /// Opens a plain connection as the owner, to inspect and prepare data.
    ///
    /// # Panics
    /// Panics if Postgres cannot be reached.
    pub async fn owner(&self) -> Client {
        connect(&self.owner_url()).await
    }

    /// Logs no plans of the statements of triggers in this database, for tests with thousands of rows: logging them takes longer
    /// than a request waits for a lock.
    ///
    /// # Panics
    /// Panics if Postgres cannot be reached.
    pub async fn log_no_plans_of_functions(&self) {
        log_no_plans_of_functions(&self.owner().await).await;
    }

    /// Opens a plain connection as the server's role.
    ///
    /// # Panics
    /// Panics if Postgres cannot be reached.
    pub async fn app(&self) -> Client {
        connect(&self.app_url()).await
    }
}

impl Drop for TestDatabase {
    /// Drops the database on a thread of its own, because `drop` cannot await. A failure does not fail the
    /// test: the next run sweeps.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropped = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                let admin = connect(&required_env("HAAT_TEST_OWNER_URL")).await;
                let _ = admin.batch_execute(&statement).await;
            });
        });
        let _ = dropped.join();
    }
}

/// Returns the URL of a database whose connections have a clock (`haat_now()`) that is this much ahead.
#[must_use]
pub fn ahead(url: &str, seconds: i64) -> String {
    format!("{url}?options=-c%20haat.clock_offset%3D{seconds}s")
}
