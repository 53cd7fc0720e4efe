//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{create_admin, create_tenant, import, migrate, openapi, retain, seed, serve};

/// Haat, a route-to-market backend: sales reps and the retailers they serve.
///
/// Options that show a name in brackets can also be set as an environment variable of that name. Options take precedence.
#[derive(Debug, Parser)]
#[command(name = "haat", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP requests until SIGTERM or Ctrl-C
    Serve(Box<serve::Args>),
    /// Apply pending migrations (as the role that owns the tables)
    Migrate(migrate::Args),
    /// Fill an empty database with demo retailers and users (development only)
    Seed(seed::Args),
    /// Create an administrator who can log in
    CreateAdmin(create_admin::Args),
    /// Create a super admin, who manages tenants and can act in each of them
    CreateSuperAdmin(create_admin::SuperAdminArgs),
    /// Create another tenant (as the role that owns the tables)
    CreateTenant(create_tenant::Args),
    /// Import a CSV file of retailers into the pool
    Import(Box<import::Args>),
    /// Delete rows that are no longer kept; the server does the same each hour
    Retain(retain::Args),
    /// Print the OpenAPI document of the HTTP interface
    Openapi(openapi::Args),
}

impl Cli {
    /// Runs the command and returns its exit code: `haat import` has more codes than success and failure.
    ///
    /// # Errors
    /// The reason why the command failed, as text for the terminal.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(args) => serve::run(*args).await?,
            Command::Migrate(args) => migrate::run(args).await?,
            Command::Seed(args) => seed::run(args).await?,
            Command::CreateAdmin(args) => create_admin::run(args).await?,
            Command::CreateSuperAdmin(args) => create_admin::run_super_admin(args).await?,
            Command::CreateTenant(args) => create_tenant::run(args).await?,
            Command::Import(args) => return import::run(*args).await,
            Command::Retain(args) => retain::run(args).await?,
            Command::Openapi(args) => openapi::run(&args)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, CommandFactory as _};

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn configuration_page_names_every_variable() {
        let page = include_str!("../../../docs/CONFIGURATION.md");
        for command in Cli::command().get_subcommands() {
            for name in
                command.get_arguments().filter(|argument| !argument.is_hide_set()).filter_map(Arg::get_env)
            {
                let name = name.to_str().unwrap();
                assert!(page.contains(&format!("`{name}`")), "docs/CONFIGURATION.md lacks {name}");
            }
        }
    }

    #[test]
    fn help_hides_secrets_from_the_environment() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let secret = ["url", "secret", "password"].iter().any(|word| name.contains(word));
                let is_visible = argument.get_env().is_some() && !argument.is_hide_env_values_set();
                assert!(!(secret && is_visible), "{} shows {name}", command.get_name());
            }
        }
    }
}
