use std::fmt::Display;

use anyhow::bail;

/// The errors of a configuration, one line each.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    /// Adds an error of the option whose environment variable is `name`.
    pub(crate) fn note(&mut self, name: &str, problem: impl Display) {
        self.0.push(format!("{name}: {problem}"));
    }

    /// Returns the value, or adds the error and returns `None`.
    pub(crate) fn check<T, E: Display>(&mut self, name: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.note(name, error)).ok()
    }

    /// Parses a whole number from `min` to `max`; adds an error and returns `min` if the text is not one.
    pub(crate) fn number(&mut self, name: &str, text: &str, min: u64, max: u64) -> u64 {
        match text.trim().parse() {
            Ok(number) if (min..=max).contains(&number) => number,
            _ => {
                self.note(name, format!("must be a whole number between {min} and {max}, not {text:?}"));
                min
            }
        }
    }

    /// Returns an error that lists every problem, if there is one.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        bail!(
            "invalid configuration\n  - {}\nRun `haat help COMMAND` for the options of a command.",
            self.0.join("\n  - ")
        )
    }
}

/// Returns `None` for an option that is empty or blank: shells and compose files express "not set" this way.
pub(crate) fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
