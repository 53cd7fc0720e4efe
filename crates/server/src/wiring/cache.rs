use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use haat_application::identity::CallerCache;
use haat_application::shared::{AnswerCache, NoAnswers};
use haat_cache_adapter::{
    ByteCache, CachedRetailerReader, CachedSalesMapReader, CachedUserStandingReader, Coherence,
    MemoryAnswers, MemoryCallers, RedisCache, SharedLoginThrottle,
};
use haat_domain::identity::{LoginThrottle, UserStandingReader};
use haat_domain::retailer::RetailerReader;
use haat_domain::sync::OnCommit;
use haat_domain::territory::SalesMapReader;
use haat_persistence_adapter::{DatabaseConfig, PgChangeFeed, PgDatabase};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::config::CacheConfig;

/// How long the database may take to tell what changed. It answers in a tenth of a millisecond; one that does not is in
/// trouble, and reading on without memory for a while does no harm.
const FEED_PATIENCE: Duration = Duration::from_secs(1);

/// Longer than anything is cached.
const FEED_LOOK_BACK: Duration = Duration::from_mins(10);

/// The database, with what is remembered of it in front.
pub(crate) struct Storage {
    /// The database itself, for all that writes and for reads that nothing remembers.
    pub(crate) db: Arc<PgDatabase>,
    /// Who is to be told of commits.
    pub(crate) listener: Arc<dyn OnCommit>,
    /// How callers stand.
    pub(crate) standings: Arc<dyn UserStandingReader>,
    /// For whom tokens speak.
    pub(crate) callers: Arc<dyn CallerCache>,
    /// Sales maps.
    pub(crate) maps: Arc<dyn SalesMapReader>,
    /// Shops.
    pub(crate) retailers: Arc<dyn RetailerReader>,
    /// Answers, ready to be sent.
    pub(crate) answers: Arc<dyn AnswerCache>,
    /// Failed logins.
    pub(crate) throttle: Arc<dyn LoginThrottle>,
}

impl Storage {
    /// Connects nothing yet, and begins to follow the change feed.
    pub(crate) fn new(database: &DatabaseConfig, config: &CacheConfig) -> anyhow::Result<Self> {
        let feed = PgChangeFeed::new(database.clone(), FEED_PATIENCE, FEED_LOOK_BACK);
        let coherence = Coherence::follow(Box::new(feed));
        let db = Arc::new(PgDatabase::new(database)?.telling(coherence.clone()));
        let standings = Arc::new(CachedUserStandingReader::new(db.clone(), coherence.clone()));
        let callers = Arc::new(MemoryCallers::new(coherence.clone()));
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
                answers: Arc::new(NoAnswers),
                db,
                standings,
                callers,
                maps,
                throttle,
            });
        }
        let shared = redis.map(|(redis, installation)| (redis as Arc<dyn ByteCache>, installation));
        // An answer is about a quarter of the shops it is made of.
        let for_answers = config.memory_bytes / 4;
        let for_shops = config.memory_bytes - for_answers;
        let retailers = CachedRetailerReader::new(db.clone(), coherence.clone(), for_shops, shared);
        let answers = MemoryAnswers::new(coherence.clone(), for_answers);
        Ok(Self {
            db,
            listener: coherence,
            standings,
            callers,
            maps,
            retailers: Arc::new(retailers),
            answers: Arc::new(answers),
            throttle,
        })
    }
}

/// A word for the keys of this installation: two whose databases differ may share one Redis. Processes that name one
/// database differently only do not share their entries.
fn installation(database: &DatabaseConfig) -> String {
    let mut hasher = DefaultHasher::new();
    if let Ok(url) = Url::parse(&database.url) {
        (url.host_str(), url.port(), url.path()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
