use std::sync::Arc;

use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{
    Grant, HashFailure, NewPassword, PasswordError, PasswordHash, PasswordHasher, PersonName, Username,
    UsernameError,
};
use haat_domain::people::NewUser;
use haat_domain::shared::{Clock, Role, StorageFailure, TenantId, TextError};
use haat_domain::tenancy::TenantSlug;

use crate::company::company;
use crate::generate::{Names, Places, RetailerGenerator, SeedFiles};
use crate::{BeginSeed, SeedProgress, SeedTx};

/// The number of retailers per sales rep in the demo data.
const RETAILERS_PER_REP: u64 = 70;

/// The amount and the seed of the demo data.
#[derive(Debug, Clone)]
pub struct SeedCountryInput {
    /// The tenant to fill.
    pub tenant: TenantSlug,
    /// The number of retailers, 100 to 10,000,000.
    pub retailers: u64,
    /// The number of sales reps.
    pub reps: u64,
    /// The random seed. The same seed generates the same data.
    pub seed: u64,
}

/// Returns the number of sales reps needed to serve these retailers with 70 retailers each.
#[must_use]
pub const fn default_reps(retailers: u64) -> u64 {
    retailers.div_ceil(RETAILERS_PER_REP)
}

/// The outcome of seeding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedOutcome {
    /// The tenant was filled.
    Seeded,
    /// The tenant had data already; nothing was changed.
    NotEmpty,
}

/// Reasons why seeding failed.
#[derive(Debug, thiserror::Error)]
pub enum SeedCountryError {
    /// The number of retailers is below 100 or above 10,000,000, or there are more sales reps than retailers.
    #[error("retailers must be between 100 and 10,000,000, and reps at most the number of retailers")]
    OutOfRange,
    /// The username, name or password of a demo user is invalid.
    #[error("invalid demo login: {0}")]
    DemoLogin(String),
    /// A seed file cannot be parsed.
    #[error("invalid seed file: {0}")]
    File(#[from] csv::Error),
    /// Hashing a password failed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl From<UsernameError> for SeedCountryError {
    fn from(error: UsernameError) -> Self {
        Self::DemoLogin(error.to_string())
    }
}

impl From<TextError> for SeedCountryError {
    fn from(error: TextError) -> Self {
        Self::DemoLogin(error.to_string())
    }
}

impl From<PasswordError> for SeedCountryError {
    fn from(error: PasswordError) -> Self {
        Self::DemoLogin(error.to_string())
    }
}

/// Fills an empty tenant with the demo data of a country.
pub struct SeedCountry {
    db: Arc<dyn BeginSeed>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn SeedProgress>,
}

impl SeedCountry {
    /// The username and password of the demo admin.
    pub const ADMIN_LOGIN: (&'static str, &'static str) = ("admin", "Admin@12345");
    /// The password of every other demo user.
    pub const REP_PASSWORD: &'static str = "Sr@12345";

    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginSeed>,
        hasher: Arc<dyn PasswordHasher>,
        clock: Arc<dyn Clock>,
        progress: Arc<dyn SeedProgress>,
    ) -> Self {
        Self { db, hasher, clock, progress }
    }

    /// Seeds the tenant in one transaction, unless it has data already.
    ///
    /// # Errors
    /// [`SeedCountryError`]. Nothing is changed on an error.
    pub async fn execute(&self, input: &SeedCountryInput) -> Result<SeedOutcome, SeedCountryError> {
        let in_range = (100..=10_000_000).contains(&input.retailers) && input.reps <= input.retailers;
        if !in_range {
            return Err(SeedCountryError::OutOfRange);
        }
        let Some(mut tx) = self.db.begin(&input.tenant).await? else { return Ok(SeedOutcome::NotEmpty) };
        let places = Places::parse(&SeedFiles::BUILT_IN)?;
        let names = Names::parse(&SeedFiles::BUILT_IN)?;
        let (admin_name, admin_password) = Self::ADMIN_LOGIN;
        let admin_username = Username::parse(admin_name)?;
        let admin_hash = self.hash(admin_password).await?;
        let rep_hash = self.hash(Self::REP_PASSWORD).await?;
        let retailers =
            RetailerGenerator::new(input.seed, input.retailers, input.reps, names, &places.territories);

        let admin = NewUser {
            tenant: tx.tenant(),
            username: admin_username,
            name: PersonName::parse("Demo Administrator")?,
            phone: None,
            email: None,
            first_name: None,
            last_name: None,
            grants: Grant::new(Role::Admin, None).into_iter().collect(),
            granted_by: None,
            password_hash: admin_hash,
            must_change_password: false,
            employee_code: None,
            capacity: None,
            created_at: self.clock.now(),
        };
        self.progress.step("preparing", 0);
        tx.prepare().await?;
        self.progress.step("places", 0);
        tx.places(&places.regions, &places.areas, &places.territories, &places.aliases).await?;
        tx.distributors(Box::new(retailers.distributors(&places.territories).into_iter())).await?;
        tx.admin(&admin).await?;
        self.reps_and_retailers(tx.as_mut(), input, &retailers, &rep_hash).await?;
        if let Some((teams, staff)) = company(&retailers) {
            tx.company(&teams, &staff, &rep_hash).await?;
        }
        self.progress.step("indexes and statistics", 0);
        tx.finish(&self.audit(tx.tenant(), input)).await?;
        tx.commit().await?;
        Ok(SeedOutcome::Seeded)
    }

    async fn reps_and_retailers(
        &self,
        tx: &mut dyn SeedTx,
        input: &SeedCountryInput,
        generator: &RetailerGenerator,
        rep_hash: &PasswordHash,
    ) -> Result<(), SeedCountryError> {
        let numbers = |count: u64| 1..=i64::try_from(count).unwrap_or(i64::MAX);
        self.progress.step("sales reps", input.reps);
        let reps = numbers(input.reps).filter_map(|number| generator.rep(number).ok());
        tx.reps(Box::new(self.with_progress(reps)), rep_hash).await?;
        self.progress.step("retailers", input.retailers);
        let retailers = numbers(input.retailers).filter_map(|number| generator.retailer(number));
        tx.retailers(Box::new(self.with_progress(retailers))).await?;
        self.progress.step("assignments", input.retailers);
        tx.assignments(Box::new(self.with_progress(generator.assignments()))).await?;
        Ok(())
    }

    async fn hash(&self, password: &str) -> Result<PasswordHash, SeedCountryError> {
        Ok(self.hasher.hash(&NewPassword::parse(password.to_owned().into())?).await?)
    }

    /// Passes the rows through and reports progress after every thousandth row.
    fn with_progress<'a, T>(
        &'a self,
        rows: impl Iterator<Item = T> + Send + 'a,
    ) -> impl Iterator<Item = T> + Send + 'a {
        rows.enumerate().map(|(index, row)| {
            if index % 1_000 == 999 {
                self.progress.advance(1_000);
            }
            row
        })
    }

    fn audit(&self, tenant: TenantId, input: &SeedCountryInput) -> AuditEntry {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        AuditEntry {
            tenant,
            at: self.clock.now(),
            actor: None,
            action: AuditAction::TenantSeed,
            entity_id: Some(tenant.to_string()),
            before: None,
            after: Some(vec![
                ("retailers", number(input.retailers).into()),
                ("reps", number(input.reps).into()),
                ("seed", number(input.seed).into()),
            ]),
            request_id: None,
            batch: None,
        }
    }
}
