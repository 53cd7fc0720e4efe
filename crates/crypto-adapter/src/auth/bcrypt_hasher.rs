use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::auth::{HashFailure, NewPassword, PasswordHash, PasswordHasher, typed_forms};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// The longest time that a password waits for its turn. A phone waits five seconds for a response; the last second is left
/// for the hash itself and for the database.
const MAX_WAIT: Duration = Duration::from_secs(4);

/// The time of one hash of cost 0, until hashes have been measured: cost 10 takes 50 ms on a common server.
const FIRST_GUESS: Duration = Duration::from_micros(50);

/// bcrypt on blocking threads, at most one hash per core at once. A password that would wait longer than [`MAX_WAIT`] is
/// refused at once, with the time in which the queue empties.
pub struct BcryptHasher {
    cost: u32,
    at_once: usize,
    running: Arc<Semaphore>,
    /// The number of passwords that are hashed or wait for it.
    queued: AtomicUsize,
    hash_time: Arc<HashTime>,
}

impl BcryptHasher {
    /// Creates a hasher of this cost that runs `at_once` hashes at a time.
    #[must_use]
    pub fn new(cost: u32, at_once: usize) -> Self {
        let first_guess = FIRST_GUESS.saturating_mul(1 << cost.min(31));
        Self {
            cost,
            at_once,
            running: Arc::new(Semaphore::new(at_once)),
            queued: AtomicUsize::new(0),
            hash_time: Arc::new(HashTime::new(first_guess)),
        }
    }

    /// Waits for a free slot, at most for `max_wait`, then runs `work` on a blocking thread.
    async fn run<T: Send + 'static>(
        &self,
        max_wait: Duration,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, HashFailure> {
        let slot = QueueSlot::take(&self.queued);
        let expected = self.time_of(slot.ahead / self.at_once);
        let busy = || {
            let others = self.queued.load(Ordering::Relaxed).saturating_sub(1);
            HashFailure::Busy(self.time_of(others.div_ceil(self.at_once)))
        };
        if expected > max_wait {
            return Err(busy());
        }
        let broken = |error: &dyn std::fmt::Display| HashFailure::Broken(error.to_string());
        // Other work can make hashes slower than those measured.
        let permit = tokio::time::timeout(max_wait, self.running.clone().acquire_owned()).await;
        let permit = permit.map_err(|_elapsed| busy())?.map_err(|error| broken(&error))?;
        let hash_time = self.hash_time.clone();
        let result = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a caller that disconnects frees no slot while its hash still runs.
            let _permit = permit;
            let started = Instant::now();
            let result = work();
            hash_time.record(started.elapsed());
            result
        });
        result.await.map_err(|error| broken(&error))?.map_err(|error| broken(&error))
    }

    /// Returns the time of this number of hashes, one after the other.
    fn time_of(&self, hashes: usize) -> Duration {
        self.hash_time.get().saturating_mul(u32::try_from(hashes).unwrap_or(u32::MAX))
    }
}

/// The average time of the last hashes, in microseconds.
struct HashTime(AtomicU64);

impl HashTime {
    /// The weight of the average in comparison with a new hash.
    const WEIGHT: u64 = 7;

    fn new(time: Duration) -> Self {
        Self(AtomicU64::new(micros(time)))
    }

    fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    /// A lost update of two concurrent hashes does not matter to the average.
    fn record(&self, time: Duration) {
        let average = self.0.load(Ordering::Relaxed);
        let sum = average.saturating_mul(Self::WEIGHT).saturating_add(micros(time));
        self.0.store(sum / (Self::WEIGHT + 1), Ordering::Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl BcryptHasher {
    async fn hash_within(
        &self,
        max_wait: Duration,
        password: &NewPassword,
    ) -> Result<PasswordHash, HashFailure> {
        let (password, cost) = (password.secret().clone(), self.cost);
        self.run(max_wait, move || bcrypt::hash(password.expose_secret(), cost)).await.map(PasswordHash::new)
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

/// A place in the queue, freed on drop.
struct QueueSlot<'a> {
    queued: &'a AtomicUsize,
    /// The number of passwords ahead.
    ahead: usize,
}

impl<'a> QueueSlot<'a> {
    fn take(queued: &'a AtomicUsize) -> Self {
        Self { queued, ahead: queued.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        self.hash_within(MAX_WAIT, password).await
    }

    async fn hash_for_job(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        self.hash_within(Duration::MAX, password).await
    }

    async fn hash_if_idle(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        self.hash_within(Duration::ZERO, password).await
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
        self.run(MAX_WAIT, move || {
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
    async fn refuses_a_password_that_would_wait_too_long() {
        let hasher = Arc::new(BcryptHasher::new(4, 2));
        hasher.hash_time.0.store(1_000_000, Ordering::Relaxed);
        let gate = hasher.running.clone().acquire_many_owned(2).await.unwrap();
        // Four seconds for two at a time: eight before it, and one that starts then.
        let waiting: Vec<_> = (0..10)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.verify(&secret("x"), None).await })
            })
            .collect();
        while hasher.queued.load(Ordering::Relaxed) < 10 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let wait = HashFailure::Busy(Duration::from_secs(5));
        assert_eq!(hasher.verify(&secret("x"), None).await, Err(wait));
        drop(gate);
        for task in waiting {
            assert_eq!(task.await.unwrap(), Ok(false));
        }
        assert_eq!(hasher.verify(&secret("x"), None).await, Ok(false), "the queue is empty again");
    }

    #[tokio::test]
    async fn gives_up_when_hashes_are_slower_than_expected() {
        let hasher = BcryptHasher::new(4, 1);
        let gate = hasher.running.clone().acquire_owned().await.unwrap();
        let result = hasher.run(Duration::from_millis(20), || Ok(())).await;
        assert!(matches!(result, Err(HashFailure::Busy(_))));
        let password = NewPassword::parse(secret("Sr@12345")).unwrap();
        assert!(matches!(hasher.hash_if_idle(&password).await, Err(HashFailure::Busy(_))));
        drop(gate);
        assert!(hasher.hash_if_idle(&password).await.is_ok());
    }

    #[tokio::test]
    async fn measures_the_time_of_a_hash() {
        let hasher = BcryptHasher::new(10, 1);
        assert_eq!(hasher.time_of(2), Duration::from_micros(102_400));
        let hasher = BcryptHasher::new(4, 1);
        hasher.hash_time.0.store(8_000_000, Ordering::Relaxed);
        hasher.verify(&secret("x"), None).await.unwrap();
        assert!(hasher.time_of(1) < Duration::from_millis(7_900));
    }
}
