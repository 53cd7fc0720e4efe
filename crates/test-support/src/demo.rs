use std::sync::Arc;

use async_trait::async_trait;
use haat_demo::{PgSeeder, SeedCountry, SeedCountryInput, SeedProgress};
use haat_domain::auth::{HashFailure, NewPassword, PasswordHash, PasswordHasher};
use haat_domain::tenancy::TenantSlug;
use secrecy::SecretString;

use crate::template::FixedClock;
use crate::{PASSWORD_HASH, TestDatabase};

struct OneHash;

#[async_trait]
impl PasswordHasher for OneHash {
    async fn hash(&self, _: &NewPassword) -> Result<PasswordHash, HashFailure> {
        Ok(PasswordHash::new(PASSWORD_HASH.into()))
    }

    async fn hash_for_job(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        self.hash(password).await
    }

    async fn hash_if_idle(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure> {
        self.hash(password).await
    }

    fn is_outdated(&self, _: &PasswordHash) -> bool {
        false
    }

    async fn verify<'a>(&self, _: &SecretString, _: Option<&'a PasswordHash>) -> Result<bool, HashFailure> {
        Ok(false)
    }
}

struct Silent;

impl SeedProgress for Silent {
    fn step(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// Returns the use case that fills a test database with demo data, with a fixed clock and one password hash
/// for all users.
#[must_use]
pub fn seeder(database: &TestDatabase) -> SeedCountry {
    let db = Arc::new(PgSeeder::new(&database.owner_config()));
    SeedCountry::new(db, Arc::new(OneHash), Arc::new(FixedClock), Arc::new(Silent))
}

/// Returns the input of [`seeder`] for the default tenant.
#[must_use]
pub fn seed_input(retailers: u64, reps: u64, seed: u64) -> SeedCountryInput {
    SeedCountryInput { tenant: TenantSlug::default(), retailers, reps, seed }
}
