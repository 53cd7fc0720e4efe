use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use haat_application::job::TickSchedules;
use haat_domain::shared::FileStore;
use haat_http_core::Service;
use haat_persistence_adapter::{CheckError, DatabaseConfig, check_database};
use haat_storage_adapter::ObjectFiles;
use prometheus::Registry;
use tokio::signal::unix::{SignalKind, signal};

use crate::background::{Background, BackgroundMetrics, Standby};
use crate::config::{
    AppDatabaseArgs, AuthArgs, AuthConfig, CacheArgs, CacheConfig, Environment, EnvironmentArgs, HttpArgs,
    HttpConfig, JobArgs, JobConfig, LogArgs, Problems,
};
use crate::contexts::auth::ServerKeys;
use crate::contexts::job::retention_rules;
use crate::contexts::{self, API, Parts};
use crate::job_runner::{claims, job_runner};
use crate::system::SystemIds;
use crate::telemetry;
use crate::wiring::{SchemaCheck, Storage};

/// The pause between checks of a database that was unavailable at start.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// The time that the last counts of activity may take to be written.
const LAST_COUNTS_TIMEOUT: Duration = Duration::from_secs(5);

/// Options of `haat serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    http: HttpArgs,
    #[command(flatten)]
    database: AppDatabaseArgs,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    jobs: JobArgs,
    #[command(flatten)]
    auth: AuthArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Serves requests until a stop signal.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let environment = args.environment.parse(&mut problems);
    let http = args.http.parse(environment, &mut problems);
    let database = args.database.parse(&mut problems);
    let cache = args.cache.parse(&mut problems);
    let jobs = args.jobs.parse(&retention_rules(), &mut problems);
    let auth = args.auth.parse(environment, &mut problems);
    let log = args.log.parse(environment, &mut problems);
    problems.finish()?;
    telemetry::init(log);
    serve(&http, &database, &cache, &jobs, &auth, environment).await
}

async fn serve(
    http: &HttpConfig,
    database: &DatabaseConfig,
    cache: &CacheConfig,
    jobs: &JobConfig,
    auth: &AuthConfig,
    environment: Environment,
) -> anyhow::Result<()> {
    let schema_check = SchemaCheck::default();
    let check_failed = watch_database(database, &schema_check).await?;

    let storage = Storage::new(database, cache)?;
    let files: Arc<dyn FileStore> = Arc::new(ObjectFiles::open(&jobs.files)?);
    let stopping = Arc::new(AtomicBool::new(false));
    let keys = ServerKeys::of(auth);
    let schedules = Arc::new(contexts::schedules()?);
    let passwords = (keys.derived_passwords()?, contexts::auth::hasher(auth.bcrypt_cost));
    let parts = Parts {
        storage: &storage,
        long_running: Arc::new(storage.long_running(database)?),
        files: files.clone(),
        auth,
        keys: &keys,
        derived_passwords: passwords.0.clone(),
        hasher: passwords.1.clone(),
        schema_check: &schema_check,
        schedules: schedules.clone(),
    };
    let (counter, counting) = contexts::activity::counting(&storage, http.activity_interval);
    let mut use_cases = contexts::use_cases(&parts);
    use_cases.push(counter);
    let registry = Registry::new();
    let standby = Standby::default();
    standby.check(&storage.db).await;
    let service = Service {
        api: API,
        use_cases,
        ids: Arc::new(SystemIds),
        stopping: stopping.clone(),
        standby: standby.flag(),
        registry: registry.clone(),
    };
    let listener = TcpListener::bind(http.bind).with_context(|| format!("cannot listen on {}", http.bind))?;
    let address = listener.local_addr()?;
    let server = haat_http_core::serve(listener, service, &http.settings)?;
    let handle = server.handle();
    let server = tokio::spawn(server);
    let metrics = Arc::new(BackgroundMetrics::new(&registry)?);
    let claims = claims(database)?;
    let background = Background {
        jobs: job_runner(&storage, database, jobs, claims.clone(), files, passwords)?,
        schedules: Some(Arc::new(TickSchedules::new(claims.clone(), claims, schedules.clone()))),
        drains: Vec::new(),
        metrics: metrics.clone(),
        standby: standby.clone(),
    };
    let running = background.start(jobs.workers);
    let monitor = Arc::new(storage.db.core());
    // These end with the process.
    tokio::spawn(standby.clone().watch(storage.db.clone()));
    tokio::spawn(metrics.watch(monitor, schedules, standby));
    tracing::info!(%address, ?environment, redis = cache.redis_url.is_some(), "serving");
    // Scripts that start the server on port 0 read the port from this line.
    println!("Haat listens on http://{address}");

    let outcome = tokio::select! {
        signal = stop_signal() => signal.map(|name| tracing::info!(name, "stopping: waiting for requests in flight")),
        reason = check_failed => Err(reason),
    };
    stopping.store(true, Ordering::Relaxed);
    running.begin_stop();
    tokio::select! {
        () = handle.stop(true) => {}
        // A graceful stop cannot be shortened, but the process can end.
        _ = stop_signal() => return Err(anyhow!("second stop signal: requests in flight were cut off")),
    }
    server.await.context("the server failed")??;
    // The workers have sent their last counts. Without PostgreSQL these are lost.
    if tokio::time::timeout(LAST_COUNTS_TIMEOUT, counting).await.is_err() {
        tracing::warn!("the last counts of activity were not written");
    }
    running.stop().await.context("a job worker failed")?;
    outcome
}

/// Checks the database before the first request.
///
/// An unavailable database does not prevent the start: requests get 503 until it is reachable and has passed the check. A
/// database that fails the check does. The returned future resolves if the check fails later.
async fn watch_database(
    database: &DatabaseConfig,
    schema_check: &SchemaCheck,
) -> anyhow::Result<impl Future<Output = anyhow::Error> + use<>> {
    let mut checked = check_database(database).await;
    match &checked {
        Ok(()) => schema_check.mark_ready(),
        Err(CheckError::Storage(failure)) if failure.is_retryable() => {
            tracing::warn!(%failure, "the database is unavailable; responding with 503 until it is reachable");
        }
        Err(error) => return Err(anyhow!("{error}")),
    }
    let (database, schema_check) = (database.clone(), schema_check.clone());
    Ok(async move {
        loop {
            match checked {
                Ok(()) => {
                    schema_check.mark_ready();
                    return std::future::pending().await;
                }
                Err(CheckError::Storage(failure)) if failure.is_retryable() => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                Err(error) => return anyhow!("{error}"),
            }
            checked = check_database(&database).await;
        }
    })
}

/// Waits for SIGTERM or SIGINT.
async fn stop_signal() -> anyhow::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
