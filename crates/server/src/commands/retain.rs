use std::sync::Arc;

use anyhow::Context as _;
use haat_domain::job::time_text;
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};
use haat_storage_adapter::ObjectFiles;

use crate::config::{AppDatabaseArgs, FilesArgs, KeepArgs, Problems};
use crate::contexts::job::{prune, retention_rules};

/// Options of `haat retain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: AppDatabaseArgs,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    keep: KeepArgs,
    /// Print what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// Deletes old rows, or prints how many there are.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    let files = args.files.parse(&mut problems);
    let retention = args.keep.parse(&retention_rules(), &mut problems);
    problems.finish()?;
    let database = DatabaseConfig { statement_timeout: std::time::Duration::ZERO, ..database };
    let prune = prune(&PgDatabase::new(&database)?, retention, Arc::new(ObjectFiles::open(&files)?));
    if args.dry_run {
        for (rule, keep, due) in prune.due().await.context("the rows could not be counted")? {
            let oldest =
                due.oldest.map_or_else(String::new, |oldest| format!(", the oldest {}", time_text(oldest)));
            println!("{}: {} row(s) older than {}{oldest}", rule.name, due.rows, time_text(keep));
        }
        return Ok(());
    }
    for (name, rows) in prune.run(None).await.context("not all rows were deleted")? {
        println!("{name}: {rows} row(s) deleted");
    }
    Ok(())
}
