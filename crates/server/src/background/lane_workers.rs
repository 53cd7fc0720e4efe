use haat_domain::job::Lane;

/// The number of jobs that a process runs at once, by lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneWorkers {
    /// Short jobs that someone waits for.
    pub prompt: usize,
    /// Jobs of a few minutes.
    pub standard: usize,
    /// Jobs of any length.
    pub bulk: usize,
}

impl LaneWorkers {
    /// The default.
    pub const DEFAULT: Self = Self { prompt: 4, standard: 2, bulk: 1 };

    /// No background work.
    pub const NONE: Self = Self { prompt: 0, standard: 0, bulk: 0 };

    /// The largest number of a lane.
    const MAX: usize = 64;

    /// Returns the number of a lane.
    #[must_use]
    pub const fn of(&self, lane: Lane) -> usize {
        match lane {
            Lane::Prompt => self.prompt,
            Lane::Standard => self.standard,
            Lane::Bulk => self.bulk,
        }
    }

    /// Returns the number of all lanes together.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.prompt + self.standard + self.bulk
    }

    /// Parses `prompt:4,standard:2,bulk:1`; lanes that are not named have their default. A bare number is that of the bulk lane, and
    /// `0` means no background work.
    ///
    /// # Errors
    /// A message that says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "must be a number between 0 and {}, or such numbers by lane, as in prompt:4,standard:2,bulk:1, not {text:?}",
                Self::MAX
            )
        };
        let number =
            |text: &str| text.trim().parse().ok().filter(|number| *number <= Self::MAX).ok_or_else(invalid);
        if !text.contains(':') {
            return Ok(match number(text)? {
                0 => Self::NONE,
                bulk => Self { bulk, ..Self::DEFAULT },
            });
        }
        let mut workers = Self::DEFAULT;
        let mut named = Vec::new();
        for part in text.split(',') {
            let (lane, count) = part.split_once(':').ok_or_else(invalid)?;
            let lane =
                Lane::from_name(lane.trim()).filter(|lane| !named.contains(lane)).ok_or_else(invalid)?;
            named.push(lane);
            *match lane {
                Lane::Prompt => &mut workers.prompt,
                Lane::Standard => &mut workers.standard,
                Lane::Bulk => &mut workers.bulk,
            } = number(count)?;
        }
        Ok(workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_numbers_by_lane() {
        let of = |prompt, standard, bulk| Ok(LaneWorkers { prompt, standard, bulk });
        for (text, workers) in [
            ("0", of(0, 0, 0)),
            ("3", of(4, 2, 3)),
            ("prompt:4,standard:2,bulk:1", of(4, 2, 1)),
            (" bulk:0 , prompt: 64", of(64, 2, 0)),
            ("prompt:0,standard:0,bulk:0", of(0, 0, 0)),
        ] {
            assert_eq!(LaneWorkers::parse(text), workers, "{text}");
        }
        for text in ["", "-1", "65", "1.5", "fast:1", "prompt:", "prompt:1,", "prompt:1,2", "bulk:1,bulk:2"] {
            assert!(LaneWorkers::parse(text).is_err(), "{text}");
        }
    }
}
