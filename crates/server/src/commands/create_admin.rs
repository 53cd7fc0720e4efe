use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use haat_application::people::{AdminOf, CreateAdminInput};
use haat_domain::auth::{Email, NewPassword, PersonName, Username};
use haat_domain::shared::Phone;
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::check_database;
use haat_persistence_org::OrgDatabase;
use secrecy::SecretString;

use crate::config::{AppDatabaseArgs, BcryptArgs, EnvironmentArgs, Problems};
use crate::contexts;

/// Options of `haat create-admin`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The password, at least 8 visible characters and at most 72 bytes, is read from HAAT_ADMIN_PASSWORD, from a prompt at the terminal, or from \
                        a line of standard input. It is not an option, because other users could see it in `ps`."
)]
pub(crate) struct Args {
    #[command(flatten)]
    user: UserArgs,
    /// Tenant, by its slug
    #[arg(long, default_value = "default", value_name = "SLUG")]
    tenant: String,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Options of `haat create-super-admin`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The super admin logs in with the tenant haat-platform, and must set up a second factor before anything else. \
                        The password is read as by haat create-admin."
)]
pub(crate) struct SuperAdminArgs {
    #[command(flatten)]
    user: UserArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
struct UserArgs {
    /// Username for login: 3 to 64 letters, digits, '.', '_' or '-'
    #[arg(long, value_name = "NAME")]
    username: String,
    /// Full name; by default the username
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// E-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Phone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ConnectionArgs {
    #[command(flatten)]
    database: AppDatabaseArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    bcrypt: BcryptArgs,
}

/// Creates an administrator of a tenant.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let tenant = problems.check("--tenant", TenantSlug::parse(&args.tenant));
    create(args.user, tenant.map(AdminOf::Tenant), args.connection, problems).await
}

/// Creates a super admin of the platform.
pub(crate) async fn run_super_admin(args: SuperAdminArgs) -> anyhow::Result<()> {
    create(args.user, Some(AdminOf::Platform), args.connection, Problems::default()).await
}

async fn create(
    user: UserArgs,
    of: Option<AdminOf>,
    connection: ConnectionArgs,
    mut problems: Problems,
) -> anyhow::Result<()> {
    let database = connection.database.parse(&mut problems);
    let environment = connection.environment.parse(&mut problems);
    let bcrypt_cost = connection.bcrypt.parse(environment, &mut problems);
    let username = problems.check("--username", Username::parse(&user.username));
    let name = user.name.as_deref().unwrap_or(&user.username);
    let name = problems.check("--name", PersonName::parse(name));
    let email = user.email.as_deref().map(Email::parse).transpose();
    let email = problems.check("--email", email).flatten();
    let phone = user.phone.as_deref().map(Phone::parse).transpose();
    let phone = problems.check("--phone", phone).flatten();
    let (Some(username), Some(name), Some(of)) = (username, name, of) else {
        return problems.finish();
    };
    problems.finish()?;

    // Not an argument of clap: other users could see it in `ps`.
    let password = match std::env::var("HAAT_ADMIN_PASSWORD") {
        Ok(password) => password.into(),
        Err(_) => prompt_password()?,
    };
    let password = NewPassword::parse(password).context("the password is invalid")?;
    check_database(&database).await?;
    let db = OrgDatabase::new(&database)?;
    let login = username.as_str().to_owned();
    let input = CreateAdminInput { of, username, name, email, phone, password };
    let id = contexts::people::create_admin(&db, bcrypt_cost)
        .execute(input)
        .await
        .with_context(|| format!("user {login} was not created"))?;
    println!("{login} can log in now (user {id})");
    Ok(())
}

fn prompt_password() -> anyhow::Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line).context("cannot read standard input")? == 0 {
            bail!("no password on standard input");
        }
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned().into());
    }
    let password = rpassword::prompt_password("Password: ").context("no password was entered")?;
    if rpassword::prompt_password("Repeat password: ").context("no password was entered")? != password {
        bail!("the passwords do not match");
    }
    Ok(password.into())
}
