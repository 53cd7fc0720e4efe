use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest};
use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use haat_application::shared::Actor;

use super::{Problem, codes};

/// Rate limit headers of draft-ietf-httpapi-ratelimit-headers-10 (IETF HTTPAPI working group).
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Interval at which the state of idle callers is dropped.
const SWEEP: Duration = Duration::from_mins(1);

/// Rate limit per caller and route.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// Sustained requests per second.
    pub per_second: NonZeroU32,
    /// Maximum burst after a pause.
    pub burst: NonZeroU32,
}

/// Tenant id, user id and a hash of the route.
type Key = (i64, i64, u64);

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, MonotonicClock, StateInformationMiddleware>;

/// Counts requests per caller and route, in this process alone: a call to another machine would cost more
/// than most requests do. The algorithm is GCRA (ITU-T I.371).
pub(crate) struct CallerLimits {
    limiter: Arc<Limiter>,
    clock: MonotonicClock,
    policy: HeaderValue,
    started: Instant,
    /// Start of the last sweep, in seconds after `started`.
    swept_at: AtomicU64,
}

/// The remaining quota of a caller, for the response headers.
#[derive(Clone, Copy)]
struct RemainingQuota {
    requests: u32,
    /// Seconds until the quota grows.
    reset: u64,
}

impl CallerLimits {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        let window = limit.burst.get().div_ceil(limit.per_second.get());
        let policy = format!("\"caller\";q={};w={window}", limit.burst);
        Self {
            limiter: Arc::new(
                RateLimiter::<_, _, _, NoOpMiddleware<Instant>>::new(
                    quota,
                    DashMapStateStore::default(),
                    MonotonicClock,
                )
                .with_middleware::<StateInformationMiddleware>(),
            ),
            clock: MonotonicClock,
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("\"caller\"")),
            started: Instant::now(),
            swept_at: AtomicU64::new(0),
        }
    }

    /// Counts a request and attaches the remaining quota to it.
    ///
    /// # Errors
    /// 429 if the quota is used up.
    pub(crate) fn count(&self, request: &HttpRequest, actor: &Actor) -> Result<(), Problem> {
        self.sweep();
        let key = (actor.tenant.get(), actor.user.get(), route_hash(request));
        let checked = self.limiter.check_key(&key);
        let remaining = match &checked {
            Ok(state) => RemainingQuota { requests: state.remaining_burst_capacity(), reset: 1 },
            Err(until) => {
                RemainingQuota { requests: 0, reset: until.wait_time_from(self.clock.now()).as_secs() + 1 }
            }
        };
        request.extensions_mut().insert(remaining);
        if checked.is_ok() {
            return Ok(());
        }
        let retry_after = u32::try_from(remaining.reset).ok();
        Err(Problem { retry_after, ..Problem::new(&codes::TOO_MANY_REQUESTS) })
    }

    /// Adds the remaining quota to the response headers.
    pub(crate) fn add_headers(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        let remaining = request.extensions().get::<RemainingQuota>().copied();
        if let Some(remaining) = remaining
            && let Ok(value) =
                HeaderValue::from_str(&format!("\"caller\";r={};t={}", remaining.requests, remaining.reset))
        {
            headers.insert(REMAINING, value);
            headers.insert(POLICY, self.policy.clone());
        }
    }

    /// Drops the state of idle callers once a minute, on a separate thread.
    fn sweep(&self) {
        let (now, last) = (self.started.elapsed().as_secs(), self.swept_at.load(Ordering::Relaxed));
        let due = now >= last + SWEEP.as_secs();
        if due && self.swept_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let limiter = self.limiter.clone();
            std::thread::spawn(move || limiter.retain_recent());
        }
    }
}

/// Hashes the route: all paths of `/retailers/{uid}` have the same hash.
pub(super) fn route_hash(request: &HttpRequest) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    request.method().hash(&mut hasher);
    // The path without the values of its parameters, which are parts of the path.
    let (path, mut from) = (request.match_info().as_str(), 0);
    for (_, value) in request.match_info().iter() {
        let Some(at) = path.get(from..).and_then(|rest| rest.find(&format!("/{value}"))) else {
            continue;
        };
        path.get(from..=from + at).hash(&mut hasher);
        from += at + 1 + value.len();
    }
    path.get(from..).hash(&mut hasher);
    hasher.finish()
}
