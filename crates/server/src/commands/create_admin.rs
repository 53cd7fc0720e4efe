use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use haat_application::identity::CreateAdminInput;
use haat_domain::identity::{Email, NewPassword, PersonName, TenantSlug, Username};
use haat_domain::shared::Phone;
use haat_persistence_adapter::{PgDatabase, check_database};
use secrecy::SecretString;

use crate::config::{AppDatabaseArgs, BcryptArgs, EnvironmentArgs, Problems};
use crate::wiring;

/// Options of `haat create-admin`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The password, 8 to 72 bytes, is taken from HAAT_ADMIN_PASSWORD, asked for at the terminal, or \
                        read as a line of standard input; never an option, which others could see in `ps`."
)]
pub(crate) struct Args {
    /// What they log in with: 3 to 64 letters, digits, '.', '_' or '-'
    #[arg(long, value_name = "NAME")]
    username: String,
    /// Their name; the username unless given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Their e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Their phone
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Their company
    #[arg(long, default_value = "default", value_name = "NAME")]
    tenant: String,
    #[command(flatten)]
    database: AppDatabaseArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    bcrypt: BcryptArgs,
}

/// Adds an administrator.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    let database = args.database.parse(&mut problems);
    let environment = args.environment.parse(&mut problems);
    let bcrypt_cost = args.bcrypt.parse(environment, &mut problems);
    let username = problems.check("--username", Username::parse(&args.username));
    let name = args.name.as_deref().unwrap_or(&args.username);
    let name = problems.check("--name", PersonName::parse(name));
    let email = args.email.as_deref().map(Email::parse).transpose();
    let email = problems.check("--email", email).flatten();
    let phone = args.phone.as_deref().map(Phone::parse).transpose();
    let phone = problems.check("--phone", phone).flatten();
    let tenant = problems.check("--tenant", TenantSlug::parse(&args.tenant));
    let (Some(username), Some(name), Some(tenant)) = (username, name, tenant) else {
        return problems.finish();
    };
    problems.finish()?;

    // Not an option of clap's: an option could be typed, and seen by others in `ps`.
    let password = match std::env::var("HAAT_ADMIN_PASSWORD") {
        Ok(password) => password.into(),
        Err(_) => ask_password()?,
    };
    let password = NewPassword::parse(password).context("the password is not usable")?;
    check_database(&database).await?;
    let db = PgDatabase::new(&database)?;
    let shown = username.as_str().to_owned();
    let input = CreateAdminInput { tenant, username, name, email, phone, password };
    let id = wiring::create_admin(&db, bcrypt_cost)
        .execute(input)
        .await
        .with_context(|| format!("{shown} was not added"))?;
    println!("{shown} can log in now (user {id})");
    Ok(())
}

fn ask_password() -> anyhow::Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("no password on standard input")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned().into());
    }
    let password = rpassword::prompt_password("Password: ").context("no password was typed")?;
    if rpassword::prompt_password("Again: ").context("no password was typed")? != password {
        bail!("the two passwords differ");
    }
    Ok(password.into())
}
