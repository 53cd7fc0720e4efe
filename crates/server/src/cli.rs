//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{create_admin, create_tenant, import, migrate, openapi, seed, serve};

/// Haat, a route-to-market backend: sales representatives and the shops they serve.
///
/// Options that show a name in brackets can also be given in the environment, under that name. Options win.
#[derive(Debug, Parser)]
#[command(name = "haat", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer HTTP requests until SIGTERM or Ctrl-C
    Serve(Box<serve::Args>),
    /// Bring the database's tables up to this version (as their owner)
    Migrate(migrate::Args),
    /// Fill an empty database with demo shops and people (development only)
    Seed(seed::Args),
    /// Add an administrator who can log in
    CreateAdmin(create_admin::Args),
    /// Add a company beside the one that is there (as the owner of the tables)
    CreateTenant(create_tenant::Args),
    /// Bring a CSV file of shops into the pool
    Import(Box<import::Args>),
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
}

impl Cli {
    /// Does what the command line says. How it went is told by the exit code too where there is more to say than that it
    /// was done.
    ///
    /// # Errors
    /// Whatever kept the command from being done, for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(args) => serve::run(*args).await?,
            Command::Migrate(args) => migrate::run(args).await?,
            Command::Seed(args) => seed::run(args).await?,
            Command::CreateAdmin(args) => create_admin::run(args).await?,
            Command::CreateTenant(args) => create_tenant::run(args).await?,
            Command::Import(args) => return import::run(*args).await,
            Command::Openapi => openapi::run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, CommandFactory as _};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_readme_names_every_variable() {
        let readme = include_str!("../../../README.md");
        for command in Cli::command().get_subcommands() {
            for name in
                command.get_arguments().filter(|argument| !argument.is_hide_set()).filter_map(Arg::get_env)
            {
                let name = name.to_str().unwrap();
                assert!(readme.contains(&format!("`{name}`")), "README.md lacks {name}");
            }
        }
    }

    #[test]
    fn no_help_page_shows_a_secret_from_the_environment() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let secret = ["url", "secret", "password"].iter().any(|word| name.contains(word));
                let shown = argument.get_env().is_some() && !argument.is_hide_env_values_set();
                assert!(!(secret && shown), "{} shows {name}", command.get_name());
            }
        }
    }
}
