//! Files of one-time passwords, which are given once.

use chrono::{DateTime, Duration, Utc};

use crate::auth::{PasswordSeed, PersonName, Username};
use crate::shared::{JobId, TenantId, UserId};

/// The one-time passwords of the sales reps that a job created. The passwords themselves are not stored: they are derived
/// from the seed with a key that the database does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordFile {
    /// The job.
    pub job: JobId,
    /// The seed; `None` once it has been erased.
    pub seed: Option<PasswordSeed>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
    /// The user to whom the passwords were first given, and when.
    pub given: Option<(UserId, DateTime<Utc>)>,
}

/// The state of a password file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFileState {
    /// The passwords can be given.
    Available,
    /// The passwords were given, or have expired.
    Given,
}

impl PasswordFile {
    /// The time in which the same caller may get the passwords again, after a response that was lost.
    pub const REPEATABLE: Duration = Duration::minutes(10);

    /// The time after which passwords that were never fetched expire.
    pub const LIFETIME: Duration = Duration::days(7);

    /// Returns the state at this time.
    #[must_use]
    pub fn state(&self, at: DateTime<Utc>) -> PasswordFileState {
        let expired = self.created_at < at - Self::LIFETIME;
        if self.seed.is_none() || self.given.is_some() || expired {
            PasswordFileState::Given
        } else {
            PasswordFileState::Available
        }
    }

    /// Returns the seed if the passwords may be given to this user: they were given to no other user. Expects that the
    /// seeds of expired files have been erased.
    #[must_use]
    pub fn seed_for(&self, user: UserId) -> Option<&PasswordSeed> {
        self.seed.as_ref().filter(|_| self.given.is_none_or(|(given_to, _)| given_to == user))
    }
}

/// The password file of a job that has created sales reps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasswordFile {
    /// The tenant.
    pub tenant: TenantId,
    /// The job.
    pub job: JobId,
    /// The seed.
    pub seed: PasswordSeed,
    /// The rows of the file and the users created from them.
    pub users: Vec<(i64, UserId)>,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

/// A user whose password is still the one of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPassword {
    /// The row of the file.
    pub row: i64,
    /// The current username.
    pub username: Username,
    /// The current name.
    pub name: PersonName,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Digest, Seed};

    fn file() -> PasswordFile {
        PasswordFile {
            job: JobId::new(1),
            seed: Some(PasswordSeed { key: Digest([1; 32]), nonce: Seed([2; 32]) }),
            created_at: DateTime::default(),
            given: None,
        }
    }

    #[test]
    fn passwords_are_available_until_they_are_given_or_given_up() {
        let at = DateTime::default();
        assert_eq!(file().state(at), PasswordFileState::Available);
        assert_eq!(file().state(at + PasswordFile::LIFETIME), PasswordFileState::Available);
        let late = at + PasswordFile::LIFETIME + Duration::seconds(1);
        assert_eq!(file().state(late), PasswordFileState::Given);
        let given = PasswordFile { given: Some((UserId::new(1), at)), ..file() };
        assert_eq!(given.state(at), PasswordFileState::Given);
        assert_eq!(PasswordFile { seed: None, ..file() }.state(at), PasswordFileState::Given);
    }

    #[test]
    fn only_the_first_caller_gets_the_passwords() {
        let (first, other) = (UserId::new(1), UserId::new(2));
        assert!(file().seed_for(first).is_some());
        let given = PasswordFile { given: Some((first, DateTime::default())), ..file() };
        assert!(given.seed_for(first).is_some());
        assert!(given.seed_for(other).is_none());
        assert!(PasswordFile { seed: None, ..given }.seed_for(first).is_none());
    }
}
