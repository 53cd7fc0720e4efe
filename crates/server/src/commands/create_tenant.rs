use anyhow::Context as _;
use haat_domain::tenancy::{NewTenant, NewTenantSlug, TenantName};
use haat_persistence_adapter::check_migrated;
use haat_persistence_org::OrgDatabase;

use crate::config::{OwnerDatabaseArgs, Problems};
use crate::contexts;

/// Options of `haat create-tenant`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Short name, which users enter at login: 2 to 40 lower-case letters, digits and inner dashes, with a letter
    #[arg(long, value_name = "SLUG")]
    slug: String,
    /// Display name
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    database: OwnerDatabaseArgs,
}

/// Creates a tenant, as the role that owns the tables: the server's role may not.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    let slug = problems.check("--slug", NewTenantSlug::parse(&args.slug));
    let name = problems.check("--name", TenantName::parse(&args.name));
    let (Some(slug), Some(name)) = (slug, name) else {
        return problems.finish();
    };
    problems.finish()?;
    check_migrated(&database).await?;
    let db = OrgDatabase::new(&database)?;
    let create = contexts::tenancy::create_tenant(&db);
    let tenant = NewTenant { slug, name, time_zone: None };
    let label = tenant.slug.as_str();
    let id = create.execute(&tenant).await.with_context(|| format!("tenant {label} was not created"))?;
    println!(
        "tenant {label} created (id {id}); add an administrator with haat create-admin --tenant {label}"
    );
    Ok(())
}
