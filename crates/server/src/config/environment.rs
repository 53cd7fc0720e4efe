use super::Problems;

/// The environment the server runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// A developer's machine: demo data and a generated signing key are allowed.
    Development,
    /// Every other environment.
    Production,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnvironmentArgs {
    /// `development` allows demo users with public passwords and a generated signing key; `production` does not
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
