use anyhow::Context as _;
use haat_domain::identity::{TenantName, TenantSlug};
use haat_persistence_adapter::{PgDatabase, check_migrated};

use crate::config::{OwnerDatabaseArgs, Problems};
use crate::wiring;

/// Options of `haat create-tenant`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its short name, which its people type when they log in: 2 to 40 lower-case letters, digits and inner dashes
    #[arg(long, value_name = "NAME")]
    slug: String,
    /// Its name
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    database: OwnerDatabaseArgs,
}

/// Adds a company, as the role that owns the tables: the server's own role cannot.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    let slug = problems.check("--slug", TenantSlug::parse(&args.slug));
    let name = problems.check("--name", TenantName::parse(&args.name));
    let (Some(slug), Some(name)) = (slug, name) else {
        return problems.finish();
    };
    problems.finish()?;
    check_migrated(&database).await?;
    let db = PgDatabase::new(&database)?;
    let shown = slug.as_str();
    let create = wiring::create_tenant(&db);
    let id = create.execute(&slug, &name).await.with_context(|| format!("{shown} was not added"))?;
    println!("{shown} is there now (tenant {id}); haat create-admin --tenant {shown} adds who can log in");
    Ok(())
}
