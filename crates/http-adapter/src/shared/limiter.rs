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

use super::{Code, Problem};

/// Draft of the IETF's HTTPAPI group, draft-ietf-httpapi-ratelimit-headers-10.
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How often callers who have been quiet are forgotten.
const SWEEP: Duration = Duration::from_mins(1);

/// How much a caller may ask of one route.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// Requests a second, in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once, after a pause.
    pub burst: NonZeroU32,
}

/// Tenant, user and a hash of the route.
type Key = (i64, i64, u64);

type Limiter = RateLimiter<Key, DashMapStateStore<Key>, MonotonicClock, StateInformationMiddleware>;

/// Counts what each caller asks of each route, in this process alone: asking another machine would cost more than most
/// answers do. (GCRA, ITU-T I.371.)
pub(crate) struct CallerLimits {
    limiter: Arc<Limiter>,
    clock: MonotonicClock,
    policy: HeaderValue,
    started: Instant,
    /// Seconds after `started` at which the last sweep began.
    swept_at: AtomicU64,
}

/// What is left to a caller, for the headers of the answer.
#[derive(Clone, Copy)]
struct Left {
    requests: u32,
    /// Seconds until there is more.
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

    /// Counts a request, and notes on it what is left.
    ///
    /// # Errors
    /// 429 when nothing is.
    pub(crate) fn count(&self, request: &HttpRequest, actor: &Actor) -> Result<(), Problem> {
        self.sweep();
        let key = (actor.tenant.get(), actor.user.get(), route_hash(request));
        let checked = self.limiter.check_key(&key);
        let left = match &checked {
            Ok(state) => Left { requests: state.remaining_burst_capacity(), reset: 1 },
            Err(until) => Left { requests: 0, reset: until.wait_time_from(self.clock.now()).as_secs() + 1 },
        };
        request.extensions_mut().insert(left);
        if checked.is_ok() {
            return Ok(());
        }
        let retry_after = u32::try_from(left.reset).ok();
        Err(Problem { retry_after, ..Problem::new(Code::TooManyRequests) })
    }

    /// Says on the answer what is left.
    pub(crate) fn sign(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        let left = request.extensions().get::<Left>().copied();
        if let Some(left) = left
            && let Ok(value) =
                HeaderValue::from_str(&format!("\"caller\";r={};t={}", left.requests, left.reset))
        {
            headers.insert(REMAINING, value);
            headers.insert(POLICY, self.policy.clone());
        }
    }

    /// Forgets who has been quiet, once a minute, on a thread of its own.
    fn sweep(&self) {
        let (now, last) = (self.started.elapsed().as_secs(), self.swept_at.load(Ordering::Relaxed));
        let due = now >= last + SWEEP.as_secs();
        if due && self.swept_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let limiter = self.limiter.clone();
            std::thread::spawn(move || limiter.retain_recent());
        }
    }
}

/// Which route it is: the same for all shops of `/retailers/{uid}`.
pub(super) fn route_hash(request: &HttpRequest) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    request.method().hash(&mut hasher);
    // The path without the parts that vary, each of which is a piece of it.
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
