use anyhow::Context as _;
use haat_persistence_adapter::migrate;

use crate::config::{OwnerDatabaseArgs, Problems};
use crate::system::SystemClock;

/// Options of `haat migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: OwnerDatabaseArgs,
}

/// Applies pending migrations.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    problems.finish()?;
    let report = migrate(&database, &SystemClock).await.context("the database was not migrated")?;
    for version in &report.applied {
        println!("applied {version}");
    }
    let (applied, months) = (report.applied.len(), report.audit_partitions);
    println!("{applied} migration(s) applied, {months} monthly partition(s) of the audit log created");
    Ok(())
}
