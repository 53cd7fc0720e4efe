use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use haat_domain::identity::{HashFailure, NewPassword, PasswordHash, PasswordHasher};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// How many passwords may wait per core; at 50 ms each (cost 10) the last one waits about three seconds.
const QUEUE_PER_CORE: usize = 64;

/// bcrypt on the blocking threads, as many at once as there are cores; when too many wait the next is refused instead
/// of making everybody wait longer.
pub(crate) struct BcryptHasher {
    cost: u32,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

impl BcryptHasher {
    /// A hasher that makes hashes of `cost` and runs `at_once` of them.
    pub(crate) fn new(cost: u32, at_once: usize) -> Self {
        Self {
            cost,
            running: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            max_waiting: at_once * QUEUE_PER_CORE,
        }
    }

    /// Runs `work` on a blocking thread when its turn comes.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, HashFailure> {
        let _place = Place::take(&self.waiting, self.max_waiting).ok_or(HashFailure::Busy)?;
        let broken = |error: &dyn std::fmt::Display| HashFailure::Broken(error.to_string());
        let permit = self.running.clone().acquire_owned().await.map_err(|error| broken(&error))?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work and not by the caller: one that goes away does not make room while its hash still runs.
            let _permit = permit;
            work()
        });
        done.await.map_err(|error| broken(&error))?.map_err(|error| broken(&error))
    }
}

/// Compared with when there is no user, so that it takes as long as a wrong password. Matches nothing.
fn nobody(cost: u32) -> PasswordHash {
    // 22 characters of salt and 31 of hash, in bcrypt's own alphabet, of which '.' is zero.
    PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(22 + 31)))
}

/// The cost in `$2b$10$…`.
fn cost_of(hash: &PasswordHash) -> Option<u32> {
    hash.expose().split('$').nth(2)?.parse().ok()
}

/// One of the places in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < max).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        let (password, cost) = (password.secret().clone(), self.cost);
        self.run(move || bcrypt::hash(password.expose_secret(), cost)).await.map(PasswordHash::new)
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        cost_of(hash).is_some_and(|cost| cost < self.cost)
    }

    async fn verify<'a>(
        &self,
        password: &SecretString,
        hash: Option<&'a PasswordHash>,
    ) -> Result<bool, HashFailure> {
        // bcrypt reads 72 bytes and repeats what stands before a NUL: with more of either, a text that is not the
        // password could pass for it. No stored password has either.
        let bytes = password.expose_secret().as_bytes();
        let possible = bytes.len() <= NewPassword::MAX_BYTES && !bytes.contains(&0);
        let (password, cost) = (password.clone(), self.cost);
        let hash = hash.filter(|_| possible).cloned().unwrap_or_else(|| nobody(cost));
        self.run(move || {
            let matches = bcrypt::verify(password.expose_secret(), hash.expose())?;
            // One that was made with less effort takes as long as one of today, and so as nobody: 2^c, and 2^c to 2^(C-1).
            for cost in cost_of(&hash).unwrap_or(cost)..cost {
                bcrypt::verify(password.expose_secret(), nobody(cost).expose())?;
            }
            Ok(matches)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    async fn hash(hasher: &BcryptHasher, password: &str) -> PasswordHash {
        hasher.hash(&NewPassword::parse(secret(password)).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_password_itself_matches() {
        let hasher = BcryptHasher::new(4, 2);
        let stored = hash(&hasher, "Sr@12345").await;
        assert!(stored.expose().starts_with("$2b$04$"));
        for (password, matches) in [("Sr@12345", true), ("sr@12345", false), ("", false)] {
            assert_eq!(hasher.verify(&secret(password), Some(&stored)).await, Ok(matches), "{password}");
        }
    }

    #[tokio::test]
    async fn what_bcrypt_would_take_for_the_password_is_refused() {
        let hasher = BcryptHasher::new(4, 2);
        let stored = hash(&hasher, "Sr@12345").await;
        let twice = "Sr@12345\0Sr@12345";
        assert!(bcrypt::verify(twice, stored.expose()).unwrap_or_default(), "so the guard is needed");
        assert_eq!(hasher.verify(&secret(twice), Some(&stored)).await, Ok(false));
        let long = "x".repeat(72);
        let stored = hash(&hasher, &long).await;
        assert_eq!(hasher.verify(&secret(&long), Some(&stored)).await, Ok(true));
        assert_eq!(hasher.verify(&secret(&format!("{long}y")), Some(&stored)).await, Ok(false));
    }

    #[tokio::test]
    async fn a_hash_that_cost_less_is_outdated() {
        let stored = hash(&BcryptHasher::new(5, 1), "Sr@12345").await;
        let outdated = |cost| BcryptHasher::new(cost, 1).is_outdated(&stored);
        assert_eq!([outdated(4), outdated(5), outdated(6)], [false, false, true]);
        assert!(!BcryptHasher::new(4, 1).is_outdated(&PasswordHash::new("rubbish".into())));
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hasher = BcryptHasher::new(4, 2);
        for password in ["", "x", "Sr@12345"] {
            assert_eq!(hasher.verify(&secret(password), None).await, Ok(false));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_refuses_and_recovers() {
        let hasher = Arc::new(BcryptHasher::new(4, 1));
        let gate = hasher.running.clone().acquire_owned().await.unwrap();
        let waiting: Vec<_> = (0..QUEUE_PER_CORE)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.verify(&secret("x"), None).await })
            })
            .collect();
        while hasher.waiting.load(Ordering::Relaxed) < QUEUE_PER_CORE {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(hasher.verify(&secret("x"), None).await, Err(HashFailure::Busy));
        drop(gate);
        for task in waiting {
            assert_eq!(task.await.unwrap(), Ok(false));
        }
        assert_eq!(hasher.verify(&secret("x"), None).await, Ok(false));
    }
}
