use std::fmt::Display;

use anyhow::bail;

/// Everything that is wrong with a configuration, a line each.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    /// Notes what is wrong with the option that the environment knows as `name`.
    pub(crate) fn note(&mut self, name: &str, problem: impl Display) {
        self.0.push(format!("{name}: {problem}"));
    }

    /// The value, or a note and `None`.
    pub(crate) fn check<T, E: Display>(&mut self, name: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.note(name, error)).ok()
    }

    /// The text as a number within bounds.
    pub(crate) fn number(&mut self, name: &str, text: &str, min: u64, max: u64) -> u64 {
        match text.trim().parse() {
            Ok(number) if (min..=max).contains(&number) => number,
            _ => {
                self.note(name, format!("must be a whole number from {min} to {max}, not {text:?}"));
                min
            }
        }
    }

    /// Ends a command's configuration: an error that names every problem, if there is one.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        bail!(
            "the configuration is not valid\n  - {}\nTry `haat help` and a command's name.",
            self.0.join("\n  - ")
        )
    }
}

/// An option without a default, given as an empty text, counts as not given: that is how shells and compose files say
/// "none".
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
