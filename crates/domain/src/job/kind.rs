//! Kinds of jobs and the lanes they run in.

use std::time::Duration;

use crate::shared::words;

/// A class of jobs by length, with its own workers, so that long jobs do not hold up short ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Seconds of work that a person or another system waits for.
    Prompt,
    /// Minutes of work.
    Standard,
    /// Work of any length, which saves its progress.
    Bulk,
}

words!(Lane { Prompt = "prompt", Standard = "standard", Bulk = "bulk" });

impl Lane {
    /// Returns the time limit of one attempt.
    #[must_use]
    pub const fn time_limit(self) -> Option<Duration> {
        match self {
            Self::Prompt => Some(Duration::from_secs(30)),
            Self::Standard => Some(Duration::from_mins(5)),
            Self::Bulk => None,
        }
    }

    /// Returns the number of jobs of one tenant that may run at once, in all processes together. Two workers that claim at the
    /// same moment may exceed it by one.
    #[must_use]
    pub const fn running_per_tenant(self) -> Option<u16> {
        match self {
            Self::Prompt => None,
            Self::Standard => Some(2),
            Self::Bulk => Some(1),
        }
    }

    /// Returns the interval at which an idle worker polls.
    #[must_use]
    pub const fn idle_pause(self) -> Duration {
        match self {
            Self::Prompt => Duration::from_millis(100),
            Self::Standard | Self::Bulk => Duration::from_millis(250),
        }
    }
}

/// The attempts of a job that fails for a reason that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The number of attempts without progress after which the job fails.
    pub attempts: u8,
    /// The pause after the first of them, which doubles after each further one.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl RetryPolicy {
    /// Eight attempts within nine minutes.
    pub const DEFAULT: Self =
        Self { attempts: 8, first_pause: Duration::from_secs(2), longest_pause: Duration::from_secs(256) };

    /// Returns the pause after this number of attempts without progress, from 1. `spread` is a number by which jobs that failed
    /// together are spread over 80 to 120 % of the pause.
    #[must_use]
    pub fn pause(&self, attempts: i64, spread: u64) -> Duration {
        let doublings = u32::try_from(attempts.clamp(1, 32) - 1).unwrap_or_default();
        let pause = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        let percent = u32::try_from(80 + spread % 41).unwrap_or(100);
        pause * percent / 100
    }
}

/// A kind of job: what its handler declares about it.
#[derive(Debug, PartialEq, Eq)]
pub struct JobKind {
    /// The name, unique among all kinds.
    pub name: &'static str,
    /// The lane, unless a job says otherwise.
    pub lane: Lane,
    /// The attempts after failures.
    pub retry: RetryPolicy,
    /// The number of jobs that may run at once, of all tenants and in all processes.
    pub max_running: Option<u16>,
    /// The number of jobs of one tenant that may be queued.
    pub max_queued: u16,
    /// True if an administrator may run a failed job again. Jobs that belong to a resource with actions of its own are repeated
    /// through the resource.
    pub can_retry: bool,
    /// The arguments that administrators see.
    pub public_args: &'static [&'static str],
}

impl JobKind {
    /// The number of queued jobs of one tenant and kind. With more, each claim would step over too many jobs of a tenant that
    /// has reached its limit of running jobs: 1,000 take 0.5 ms, 100,000 take 41 ms (PostgreSQL 15, two cores).
    const MAX_QUEUED: u16 = 100;

    /// Returns a kind with the default limits and no public arguments.
    #[must_use]
    pub const fn new(name: &'static str, lane: Lane) -> Self {
        Self {
            name,
            lane,
            retry: RetryPolicy::DEFAULT,
            max_running: None,
            max_queued: Self::MAX_QUEUED,
            can_retry: true,
            public_args: &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_lanes() {
        for (lane, word) in Lane::ALL.iter().copied().zip(Lane::WORDS) {
            assert_eq!((lane.as_str(), Lane::from_name(word)), (*word, Some(lane)));
        }
        assert_eq!(Lane::from_name("Bulk"), None);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        // A spread of 20 is 100 %.
        let pauses =
            [0, 1, 2, 7, 8, 9, i64::MAX].map(|attempts| RetryPolicy::DEFAULT.pause(attempts, 20).as_secs());
        assert_eq!(pauses, [2, 2, 4, 128, 256, 256, 256]);
        let spread = |number| RetryPolicy::DEFAULT.pause(1, number).as_millis();
        assert_eq!((spread(0), spread(40), spread(41)), (1_600, 2_400, 1_600));
    }
}
