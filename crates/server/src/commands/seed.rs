use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use haat_demo::{PgSeeder, SeedCountry, SeedCountryInput, SeedOutcome, SeedProgress, default_reps};
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::check_migrated;
use haat_persistence_org::OrgDatabase;
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::{BcryptArgs, Environment, EnvironmentArgs, OwnerDatabaseArgs, Problems};
use crate::contexts;
use crate::demo_platform::{self, SUPER_ADMIN};
use crate::system::SystemClock;

/// Options of `haat seed`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Number of retailers, 100 to 10,000,000
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    retailers: u64,
    /// Number of sales reps; by default one for every 70 retailers
    #[arg(long, value_name = "N")]
    reps: Option<u64>,
    /// Seed of the random generator; the same seed produces the same data
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Do nothing if there is data already, instead of failing
    #[arg(long)]
    if_empty: bool,
    #[command(flatten)]
    database: OwnerDatabaseArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    bcrypt: BcryptArgs,
}

/// Fills the default tenant with demo data.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    let environment = args.environment.parse(&mut problems);
    let bcrypt_cost = args.bcrypt.parse(environment, &mut problems);
    if environment != Environment::Development {
        problems.note(
            "HAAT_ENV",
            "demo users have public passwords: seeding works only with HAAT_ENV=development",
        );
    }
    problems.finish()?;
    check_migrated(&database).await?;

    let input = SeedCountryInput {
        tenant: TenantSlug::default(),
        retailers: args.retailers,
        reps: args.reps.unwrap_or_else(|| default_reps(args.retailers)),
        seed: args.seed,
    };
    let bar = Arc::new(Bar(ProgressBar::no_length()));
    let seed = SeedCountry::new(
        Arc::new(PgSeeder::new(&database)),
        contexts::auth::hasher(bcrypt_cost),
        Arc::new(SystemClock),
        bar.clone(),
    );
    let started = Instant::now();
    let outcome = seed.execute(&input).await;
    bar.0.finish_and_clear();
    match outcome.context("nothing was seeded")? {
        SeedOutcome::Seeded => {
            let seconds = started.elapsed().as_secs_f64();
            println!("seeded {} retailers and {} sales reps in {seconds:.1} s", input.retailers, input.reps);
            demo_platform::add(&OrgDatabase::new(&database)?, bcrypt_cost)
                .await
                .context("the second tenant and the super admin were not added")?;
            let (tenant, username, seed) =
                (TenantSlug::platform(), SUPER_ADMIN.0, demo_platform::SUPER_ADMIN_SEED);
            println!(
                "super admin: tenant {}, username {username}, seed of the second factor {seed}",
                tenant.as_str()
            );
        }
        SeedOutcome::NotEmpty if args.if_empty => println!("there is data already; nothing was seeded"),
        SeedOutcome::NotEmpty => {
            bail!("there is data already; nothing was seeded (with --if-empty this is not an error)")
        }
    }
    Ok(())
}

/// A progress bar; hidden when standard error is not a terminal.
struct Bar(ProgressBar);

impl SeedProgress for Bar {
    fn step(&self, name: &str, rows: u64) {
        let style =
            if rows == 0 { "{spinner} {msg} ({elapsed})" } else { "{msg:22} {wide_bar} {pos}/{len} {eta}" };
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.0.set_style(style);
        }
        self.0.set_length(rows);
        self.0.set_position(0);
        self.0.set_message(name.to_owned());
    }

    fn advance(&self, rows: u64) {
        self.0.inc(rows);
    }
}
