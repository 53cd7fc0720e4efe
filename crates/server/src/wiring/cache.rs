use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use haat_application::auth::CallerCache;
use haat_application::shared::{NoCache, ResponseCache, Scopes};
use haat_cache_adapter::{
    ByteCache, CachedAuthStateReader, CachedRetailerReader, CachedSalesMapReader, Coherence,
    MemoryCallerCache, MemoryResponseCache, RedisCache, SharedLoginThrottle,
};
use haat_domain::auth::{AuthStateReader, LoginThrottle};
use haat_domain::retailer::RetailerReader;
use haat_domain::sync::OnCommit;
use haat_domain::territory::SalesMapReader;
use haat_persistence_adapter::{DatabaseConfig, PgChangeFeed, PgDatabase};
use haat_persistence_org::OrgDatabase;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::config::CacheConfig;

/// The number of connections without a statement timeout.
const LONG_RUNNING_CONNECTIONS: usize = 6;

/// The timeout of a poll of the change feed. A poll takes a tenth of a millisecond; a database that does not respond is in
/// trouble, and reading without caches for a while does no harm.
const FEED_TIMEOUT: Duration = Duration::from_secs(1);

/// The period that a new change feed looks back: longer than any entry stays cached.
const FEED_LOOK_BACK: Duration = Duration::from_mins(10);

/// The database and the caches in front of it.
pub(crate) struct Storage {
    /// The database itself, for writes and for reads without a cache.
    pub(crate) db: Arc<PgDatabase>,
    /// The same database, for tenants, users and sales reps.
    pub(crate) org: Arc<OrgDatabase>,
    /// Receives a call after each commit.
    pub(crate) listener: Arc<dyn OnCommit>,
    /// Auth states of callers.
    pub(crate) auth_states: Arc<dyn AuthStateReader>,
    /// Callers by access token.
    pub(crate) callers: Arc<dyn CallerCache>,
    /// Sales maps.
    pub(crate) maps: Arc<dyn SalesMapReader>,
    /// Retailers.
    pub(crate) retailers: Arc<dyn RetailerReader>,
    /// Encoded responses.
    pub(crate) responses: Arc<dyn ResponseCache>,
    /// Failed logins.
    pub(crate) throttle: Arc<dyn LoginThrottle>,
}

impl Storage {
    /// Resolves which retailers a caller's permission covers.
    pub(crate) fn scopes(&self) -> Scopes {
        Scopes::new(self.maps.clone(), self.org.clone())
    }

    /// Opens connections without a statement timeout, for requests whose work can be of any size.
    ///
    /// # Errors
    /// The settings of the database are invalid.
    pub(crate) fn long_running(&self, database: &DatabaseConfig) -> anyhow::Result<PgDatabase> {
        let config = DatabaseConfig {
            statement_timeout: Duration::ZERO,
            pool_size: LONG_RUNNING_CONNECTIONS,
            ..database.clone()
        };
        Ok(PgDatabase::new(&config)?.with_commit_listener(self.listener.clone()))
    }

    /// Builds the caches and starts to follow the change feed; opens no connection yet.
    pub(crate) fn new(database: &DatabaseConfig, config: &CacheConfig) -> anyhow::Result<Self> {
        let feed = PgChangeFeed::new(database.clone(), FEED_TIMEOUT, FEED_LOOK_BACK);
        let coherence = Coherence::follow(Box::new(feed));
        let db = Arc::new(PgDatabase::new(database)?.with_commit_listener(coherence.clone()));
        let org = Arc::new(OrgDatabase::from(db.core()));
        let auth_states = Arc::new(CachedAuthStateReader::new(db.clone(), coherence.clone()));
        let callers = Arc::new(MemoryCallerCache::new(coherence.clone()));
        let maps = Arc::new(CachedSalesMapReader::new(db.clone(), coherence.clone()));
        let redis = match &config.redis_url {
            Some(url) => Some((Arc::new(RedisCache::new(url.expose_secret())?), installation(database))),
            None => None,
        };
        let throttle = Arc::new(SharedLoginThrottle::new(redis.clone()));
        if config.memory_bytes == 0 {
            return Ok(Self {
                listener: coherence,
                retailers: db.clone(),
                responses: Arc::new(NoCache),
                db,
                org,
                auth_states,
                callers,
                maps,
                throttle,
            });
        }
        let shared = redis.map(|(redis, installation)| (redis as Arc<dyn ByteCache>, installation));
        // A response takes about a quarter of the memory of the retailers it contains.
        let response_bytes = config.memory_bytes / 4;
        let retailer_bytes = config.memory_bytes - response_bytes;
        let retailers = CachedRetailerReader::new(db.clone(), coherence.clone(), retailer_bytes, shared);
        let responses = MemoryResponseCache::new(coherence.clone(), response_bytes);
        Ok(Self {
            db,
            org,
            listener: coherence,
            auth_states,
            callers,
            maps,
            retailers: Arc::new(retailers),
            responses: Arc::new(responses),
            throttle,
        })
    }
}

/// Returns the key prefix of this installation, so that installations with different databases can share one Redis.
/// Processes that name the same database differently merely do not share their entries.
fn installation(database: &DatabaseConfig) -> String {
    let mut hasher = DefaultHasher::new();
    if let Ok(url) = Url::parse(&database.url) {
        (url.host_str(), url.port(), url.path()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
