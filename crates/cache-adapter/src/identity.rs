use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::identity::{Role, UserStanding, UserStandingReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use crate::ByteCache;

/// Permission is never older than 100 ms. Nothing invalidates these entries, so their age keeps that promise by
/// itself: at most 10 ms for the query, 50 ms on the way to Redis (its patience) and 40 ms there.
const TTL: Duration = Duration::from_millis(40);

/// An answer that took longer may be too old by the time it is kept.
const SLOWEST_KEPT: Duration = Duration::from_millis(10);

/// Layout of an entry; part of the key, so that a newer server never reads an older one's bytes.
const VERSION: u8 = 1;

/// Remembers for a moment how a caller stands, so that a burst of requests asks the database once.
pub struct CachedUserStandingReader {
    inner: Arc<dyn UserStandingReader>,
    cache: Arc<dyn ByteCache>,
}

impl CachedUserStandingReader {
    /// Puts `cache` in front of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn UserStandingReader>, cache: Arc<dyn ByteCache>) -> Self {
        Self { inner, cache }
    }
}

#[async_trait]
impl UserStandingReader for CachedUserStandingReader {
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStanding>, StorageFailure> {
        let key = format!("haat:standing:{VERSION}:{tenant}:{user}");
        if let Some(standing) = self.cache.get(&key).await.as_deref().and_then(decode) {
            return Ok(Some(standing));
        }
        let asked = Instant::now();
        let standing = self.inner.find(tenant, user).await?;
        // Absent users are not remembered: only forged or very old tokens ask for them.
        if let Some(standing) = &standing
            && asked.elapsed() <= SLOWEST_KEPT
        {
            self.cache.put(&key, encode(*standing), TTL).await;
        }
        Ok(standing)
    }
}

/// Token version, active, role; a handful of bytes.
fn encode(standing: UserStanding) -> Vec<u8> {
    let mut bytes = standing.token_version.to_be_bytes().to_vec();
    bytes.push(u8::from(standing.active));
    bytes.extend(standing.role.as_str().bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<UserStanding> {
    let (version, rest) = bytes.split_first_chunk::<4>()?;
    let (active, role) = rest.split_first()?;
    Some(UserStanding {
        token_version: i32::from_be_bytes(*version),
        active: *active == 1,
        role: Role::from_name(std::str::from_utf8(role).ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::MockUserStandingReader;

    use super::*;
    use crate::MemoryCache;

    const STANDING: UserStanding = UserStanding {
        role: Role::SalesRep,
        active: true,
        token_version: -3,
    };

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        for standing in [
            STANDING,
            UserStanding {
                role: Role::Admin,
                active: false,
                token_version: 7,
            },
        ] {
            assert_eq!(decode(&encode(standing)), Some(standing));
        }
        for broken in [
            &b""[..],
            b"\0\0\0\x01",
            b"\0\0\0\x01\x01root",
            b"\0\0\0\x01\x01\xff",
        ] {
            assert_eq!(decode(broken), None);
        }
    }

    fn reader(answers: usize) -> CachedUserStandingReader {
        let mut inner = MockUserStandingReader::new();
        inner
            .expect_find()
            .times(answers)
            .returning(|_, _| Ok(Some(STANDING)));
        CachedUserStandingReader::new(Arc::new(inner), Arc::new(MemoryCache::new(1 << 20)))
    }

    #[tokio::test]
    async fn a_burst_asks_once_per_user_and_tenant() {
        let reader = reader(3);
        for (tenant, user) in [(1, 7), (1, 7), (1, 8), (2, 7)] {
            let found = reader.find(TenantId::new(tenant), UserId::new(user)).await;
            assert_eq!(found, Ok(Some(STANDING)));
        }
    }

    #[tokio::test]
    async fn an_entry_lives_shorter_than_the_promise() {
        let reader = reader(2);
        let find = || reader.find(TenantId::new(1), UserId::new(7));
        find().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        find().await.unwrap();
    }

    #[tokio::test]
    async fn failures_and_absent_users_are_not_remembered() {
        let mut inner = MockUserStandingReader::new();
        let mut answers = vec![
            Ok(Some(STANDING)),
            Err(StorageFailure::Unavailable("away".into())),
            Ok(None),
        ];
        inner
            .expect_find()
            .times(3)
            .returning(move |_, _| answers.pop().unwrap());
        let reader = CachedUserStandingReader::new(Arc::new(inner), Arc::new(MemoryCache::new(1 << 20)));
        let find = || reader.find(TenantId::new(1), UserId::new(7));
        assert_eq!(find().await, Ok(None));
        assert!(find().await.is_err());
        assert_eq!(find().await, Ok(Some(STANDING)));
    }
}
