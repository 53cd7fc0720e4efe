use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use haat_domain::auth::{HashFailure, NewPassword, PasswordHash, PasswordHasher, typed_forms};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// The maximum number of waiting passwords per core; at 50 ms each (cost 10) the last one waits about three seconds.
const QUEUE_PER_CORE: usize = 64;

/// bcrypt on blocking threads, at most one hash per core at once. When the queue is full, further requests are refused
/// instead of making every caller wait longer.
pub struct BcryptHasher {
    cost: u32,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

impl BcryptHasher {
    /// Creates a hasher of this cost that runs `at_once` hashes at a time.
    #[must_use]
    pub fn new(cost: u32, at_once: usize) -> Self {
        Self {
            cost,
            running: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            max_waiting: at_once * QUEUE_PER_CORE,
        }
    }

    /// Waits for a free slot, then runs `work` on a blocking thread.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, HashFailure> {
        let _slot = QueueSlot::take(&self.waiting, self.max_waiting).ok_or(HashFailure::Busy)?;
        let broken = |error: &dyn std::fmt::Display| HashFailure::Broken(error.to_string());
        let permit = self.running.clone().acquire_owned().await.map_err(|error| broken(&error))?;
        let result = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a caller that disconnects frees no slot while its hash still runs.
            let _permit = permit;
            work()
        });
        result.await.map_err(|error| broken(&error))?.map_err(|error| broken(&error))
    }
}

/// A hash that no password matches. Verified when there is no user, so that the time is that of a wrong password.
fn dummy_hash(cost: u32) -> PasswordHash {
    // 22 characters of salt and 31 of hash, in bcrypt's own alphabet, where '.' is zero.
    PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(22 + 31)))
}

/// Returns the cost in `$2b$10$…`.
fn cost_of(hash: &PasswordHash) -> Option<u32> {
    hash.expose().split('$').nth(2)?.parse().ok()
}

/// A slot in the queue, freed on drop.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let slot = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < max).then_some(slot)
    }
}

impl Drop for QueueSlot<'_> {
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
        let (forms, hash, cost) = (typed_forms(password), hash.cloned(), self.cost);
        self.run(move || {
            for form in forms {
                if matches(&form, hash.as_ref(), cost)? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }
}

/// Compares one form of a password. Takes as long without a hash.
fn matches(password: &SecretString, hash: Option<&PasswordHash>, cost: u32) -> bcrypt::BcryptResult<bool> {
    // bcrypt reads only 72 bytes, and repeats the bytes before a NUL. A longer text, or one with a NUL, could match the
    // hash of another password. No stored password has either.
    let bytes = password.expose_secret().as_bytes();
    let possible = bytes.len() <= NewPassword::MAX_BYTES && !bytes.contains(&0);
    let hash = hash.filter(|_| possible).cloned().unwrap_or_else(|| dummy_hash(cost));
    let matches = bcrypt::verify(password.expose_secret(), hash.expose())?;
    // A hash of a lower cost takes as long as one of today's cost, and so as the dummy hash: 2^c, and 2^c to 2^(C-1).
    for cost in cost_of(&hash).unwrap_or(cost)..cost {
        bcrypt::verify(password.expose_secret(), dummy_hash(cost).expose())?;
    }
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// ড় as two code points, which is NFC, and as one.
    const FORMS: [&str; 2] = ["\u{9A1}\u{9BC}\u{9A1}\u{9BC}12345678", "\u{9DC}\u{9DC}12345678"];

    #[tokio::test]
    async fn the_keyboard_does_not_matter() {
        let hasher = BcryptHasher::new(4, 1);
        let new = hasher.hash(&NewPassword::parse(secret(FORMS[1])).unwrap()).await.unwrap();
        let old = PasswordHash::new(bcrypt::hash(FORMS[1], 4).unwrap());
        for (hash, typed, matches) in
            [(&new, FORMS[0], true), (&new, FORMS[1], true), (&old, FORMS[1], true), (&old, FORMS[0], false)]
        {
            assert_eq!(hasher.verify(&secret(typed), Some(hash)).await, Ok(matches), "{typed:?}");
        }
    }

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    async fn hash(hasher: &BcryptHasher, password: &str) -> PasswordHash {
        hasher.hash(&NewPassword::parse(secret(password)).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_exact_password_matches() {
        let hasher = BcryptHasher::new(4, 2);
        let stored = hash(&hasher, "Sr@12345").await;
        assert!(stored.expose().starts_with("$2b$04$"));
        for (password, matches) in [("Sr@12345", true), ("sr@12345", false), ("", false)] {
            assert_eq!(hasher.verify(&secret(password), Some(&stored)).await, Ok(matches), "{password}");
        }
    }

    #[tokio::test]
    async fn rejects_passwords_that_bcrypt_would_confuse() {
        let hasher = BcryptHasher::new(4, 2);
        let stored = hash(&hasher, "Sr@12345").await;
        let twice = "Sr@12345\0Sr@12345";
        assert!(bcrypt::verify(twice, stored.expose()).unwrap_or_default(), "bcrypt itself accepts it");
        assert_eq!(hasher.verify(&secret(twice), Some(&stored)).await, Ok(false));
        let long = "x".repeat(72);
        let stored = hash(&hasher, &long).await;
        assert_eq!(hasher.verify(&secret(&long), Some(&stored)).await, Ok(true));
        assert_eq!(hasher.verify(&secret(&format!("{long}y")), Some(&stored)).await, Ok(false));
    }

    #[tokio::test]
    async fn a_hash_of_lower_cost_is_outdated() {
        let stored = hash(&BcryptHasher::new(5, 1), "Sr@12345").await;
        let outdated = |cost| BcryptHasher::new(cost, 1).is_outdated(&stored);
        assert_eq!([outdated(4), outdated(5), outdated(6)], [false, false, true]);
        assert!(!BcryptHasher::new(4, 1).is_outdated(&PasswordHash::new("rubbish".into())));
    }

    #[tokio::test]
    async fn no_password_matches_without_a_user() {
        let hasher = BcryptHasher::new(4, 2);
        for password in ["", "x", "Sr@12345"] {
            assert_eq!(hasher.verify(&secret(password), None).await, Ok(false));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_rejects_and_recovers() {
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
