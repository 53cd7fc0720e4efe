use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::identity::{Role, UserStanding, UserStandingReader};
use haat_domain::shared::{Clock, StorageFailure, TenantId, UserId};

use crate::ByteCache;

/// Permission is never older than this. Nothing invalidates these entries, so each says when it was asked for and is
/// refused when that is too long ago, however slow the cache was to take it or to give it back.
const MAX_AGE: Duration = Duration::from_millis(100);

/// Layout of an entry; part of the key, so that a newer server never reads an older one's bytes.
const VERSION: u8 = 2;

/// Remembers for a moment how a caller stands, so that requests in quick succession ask the database once.
pub struct CachedUserStandingReader {
    inner: Arc<dyn UserStandingReader>,
    cache: Arc<dyn ByteCache>,
    clock: Arc<dyn Clock>,
    installation: String,
}

impl CachedUserStandingReader {
    /// Puts `cache` in front of `inner`. `installation` keeps apart the users of two that share one Redis.
    #[must_use]
    pub fn new(
        inner: Arc<dyn UserStandingReader>,
        cache: Arc<dyn ByteCache>,
        clock: Arc<dyn Clock>,
        installation: String,
    ) -> Self {
        Self { inner, cache, clock, installation }
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// The standing in an entry, if it is not too old. One from the future was written by a machine whose clock cannot
    /// be compared with ours.
    fn fresh(&self, (asked_ms, standing): (i64, UserStanding)) -> Option<UserStanding> {
        let age = u64::try_from(self.now_ms() - asked_ms).ok()?;
        (Duration::from_millis(age) < MAX_AGE).then_some(standing)
    }
}

#[async_trait]
impl UserStandingReader for CachedUserStandingReader {
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStanding>, StorageFailure> {
        let key = format!("haat:{}:standing:{VERSION}:{tenant}:{user}", self.installation);
        let entry = self.cache.get(&key).await;
        if let Some(standing) = entry.as_deref().and_then(decode).and_then(|entry| self.fresh(entry)) {
            return Ok(Some(standing));
        }
        let asked_ms = self.now_ms();
        let standing = self.inner.find(tenant, user).await?;
        // Absent users are not remembered: only forged or very old tokens ask for them.
        if let Some(standing) = standing {
            self.cache.put(&key, encode(asked_ms, standing), MAX_AGE).await;
        }
        Ok(standing)
    }
}

/// When it was asked for, token version, active, role; a handful of bytes.
fn encode(asked_ms: i64, standing: UserStanding) -> Vec<u8> {
    let mut bytes = asked_ms.to_be_bytes().to_vec();
    bytes.extend(standing.token_version.to_be_bytes());
    bytes.push(u8::from(standing.active));
    bytes.extend(standing.role.as_str().bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<(i64, UserStanding)> {
    let (asked_ms, rest) = bytes.split_first_chunk::<8>()?;
    let (token_version, rest) = rest.split_first_chunk::<4>()?;
    let (active, role) = rest.split_first()?;
    let standing = UserStanding {
        token_version: i32::from_be_bytes(*token_version),
        active: *active == 1,
        role: Role::from_name(std::str::from_utf8(role).ok()?)?,
    };
    Some((i64::from_be_bytes(*asked_ms), standing))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use haat_domain::identity::MockUserStandingReader;
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::MemoryCache;

    const STANDING: UserStanding = UserStanding { role: Role::SalesRep, active: true, token_version: -3 };

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        for standing in [STANDING, UserStanding { role: Role::Admin, active: false, token_version: 7 }] {
            assert_eq!(decode(&encode(1_790_000_000_123, standing)), Some((1_790_000_000_123, standing)));
        }
        let good = encode(1, STANDING);
        for broken in [
            &b""[..],
            &good[..8],
            &good[..13],
            &[&good[..13], b"root"].concat(),
            &[&good[..13], b"\xff"].concat(),
        ] {
            assert_eq!(decode(broken), None);
        }
    }

    /// A reader whose storage may be asked so often, and a clock to turn by hand.
    fn reader(answers: usize) -> (CachedUserStandingReader, Arc<AtomicI64>) {
        let mut inner = MockUserStandingReader::new();
        inner.expect_find().times(answers).returning(|_, _| Ok(Some(STANDING)));
        let now = Arc::new(AtomicI64::new(1_790_000_000_000));
        let (mut clock, reads) = (MockClock::new(), now.clone());
        clock.expect_now().returning(move || {
            chrono::DateTime::from_timestamp_millis(reads.load(Ordering::SeqCst)).unwrap()
        });
        let cache = Arc::new(MemoryCache::new(1 << 20));
        (CachedUserStandingReader::new(Arc::new(inner), cache, Arc::new(clock), "test".into()), now)
    }

    #[tokio::test]
    async fn a_succession_asks_once_per_user_and_tenant() {
        let (reader, _) = reader(3);
        for (tenant, user) in [(1, 7), (1, 7), (1, 8), (2, 7), (1, 8)] {
            let found = reader.find(TenantId::new(tenant), UserId::new(user)).await;
            assert_eq!(found, Ok(Some(STANDING)));
        }
    }

    #[tokio::test]
    async fn an_entry_is_refused_once_it_is_too_old_or_from_the_future() {
        let (reader, now) = reader(3);
        let find = async |at: i64| {
            now.store(1_790_000_000_000 + at, Ordering::SeqCst);
            reader.find(TenantId::new(1), UserId::new(7)).await.unwrap();
        };
        find(0).await;
        find(99).await;
        find(100).await;
        find(99).await;
    }

    #[tokio::test]
    async fn failures_and_absent_users_are_not_remembered() {
        let mut inner = MockUserStandingReader::new();
        let mut answers = vec![Ok(Some(STANDING)), Err(StorageFailure::Unavailable("away".into())), Ok(None)];
        inner.expect_find().times(3).returning(move |_, _| answers.pop().unwrap());
        let mut clock = MockClock::new();
        clock.expect_now().returning(chrono::DateTime::default);
        let cache = Arc::new(MemoryCache::new(1 << 20));
        let reader = CachedUserStandingReader::new(Arc::new(inner), cache, Arc::new(clock), "test".into());
        let find = || reader.find(TenantId::new(1), UserId::new(7));
        assert_eq!(find().await, Ok(None));
        assert!(find().await.is_err());
        assert_eq!(find().await, Ok(Some(STANDING)));
    }
}
