use super::Problems;

/// Where this server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// On a developer's machine: demo data and a made-up signing key are fine.
    Development,
    /// Anywhere else.
    Production,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnvironmentArgs {
    /// `development` allows demo users with public passwords and a made-up signing key; `production` does not
    #[arg(
        id = "environment",
        long = "env",
        env = "HAAT_ENV",
        default_value = "production",
        value_name = "NAME"
    )]
    name: String,
}

impl EnvironmentArgs {
    pub(crate) fn parse(&self, problems: &mut Problems) -> Environment {
        match self.name.as_str() {
            "development" => Environment::Development,
            "production" => Environment::Production,
            other => {
                problems.note("HAAT_ENV", format!("must be development or production, not {other:?}"));
                Environment::Production
            }
        }
    }
}
