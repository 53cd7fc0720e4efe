use anyhow::Context as _;
use haat_persistence_adapter::{NameTwins, PgDatabase, fill_unique_names, migrate};

use crate::config::{OwnerDatabaseArgs, Problems};
use crate::system::SystemClock;

/// Options of `haat migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: OwnerDatabaseArgs,
}

/// Applies pending migrations, and lists names that are used twice.
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
    let twins = fill_unique_names(&database).await.context("the folded names were not filled")?;
    for NameTwins { entity, rows } in &twins {
        println!("{rows} {entity} row(s) have the name of an older row in another spelling");
    }
    if !twins.is_empty() {
        println!("GET /admin/duplicates lists them; rename or merge them");
    }
    let sounds =
        PgDatabase::new(&database)?.fill_word_sounds().await.context("sounds of words are missing")?;
    if sounds > 0 {
        println!("{sounds} word(s) of names can be searched by their sound");
    }
    Ok(())
}
