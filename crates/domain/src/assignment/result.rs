//! The result of a batch: what was requested and what became of it.

use super::{OverCapacity, Totals, UidSample};

/// The outcome of a request as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOutcome {
    /// Everything that was requested is done.
    Complete,
    /// Some of it is done, some of it was left out.
    Partial,
    /// Nothing had to change: all of it was so already, or was to be skipped.
    Unchanged,
    /// Nothing was changed, and some of it was left out.
    Refused,
}

impl BatchOutcome {
    /// All words.
    pub const WORDS: &[&str] = &["complete", "partial", "unchanged", "refused"];

    /// Returns the outcome of a request that changed something, or left something out.
    #[must_use]
    pub const fn of(changes: bool, leaves_out: bool) -> Self {
        match (changes, leaves_out) {
            (true, false) => Self::Complete,
            (true, true) => Self::Partial,
            (false, false) => Self::Unchanged,
            (false, true) => Self::Refused,
        }
    }

    /// Returns the word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// The actual or predicted result of a batch. Every pair of sales rep and uid is in one of the counts or lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchResult {
    /// The changes, counted.
    pub totals: Totals,
    /// The uids that no retailer has, each once.
    pub not_found: UidSample,
    /// Those of them that are not valid uids.
    pub invalid: Vec<String>,
    /// Sales reps over their capacity. Their new assignments are refused unless forced.
    pub over_capacity: Vec<OverCapacity>,
    /// The number of assignments refused because of a capacity.
    pub refused: i64,
    /// The number of retailers for which no recipient has capacity left.
    pub unplaced: i64,
    /// The number of requested retailers that the source of a transfer does not serve. They are among
    /// [`Totals::not_assigned`].
    pub not_served: i64,
    /// The number of rows of a file with an error.
    pub failed_rows: i64,
}

impl BatchResult {
    /// Returns `true` if it changes any assignment.
    #[must_use]
    pub const fn changes_something(&self) -> bool {
        self.totals.assigned + self.totals.moved + self.totals.unassigned > 0
    }

    /// Returns the outcome of the request as a whole.
    #[must_use]
    pub const fn outcome(&self) -> BatchOutcome {
        let left_out = self.not_found.count
            + self.refused
            + self.unplaced
            + self.not_served
            + self.failed_rows
            + self.totals.changed.count;
        BatchOutcome::of(self.changes_something(), left_out > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_says_whether_anything_changed_and_anything_was_left_out() {
        let sample = |count| UidSample { count, uids: Vec::new() };
        let changes = |assigned| Totals { assigned, already_assigned: 2, skipped: 3, ..Totals::default() };
        let none = BatchResult::default;
        for (result, unchanged, changed) in [
            (none(), BatchOutcome::Unchanged, BatchOutcome::Complete),
            (BatchResult { not_found: sample(1), ..none() }, BatchOutcome::Refused, BatchOutcome::Partial),
            (BatchResult { refused: 1, ..none() }, BatchOutcome::Refused, BatchOutcome::Partial),
            (BatchResult { unplaced: 1, ..none() }, BatchOutcome::Refused, BatchOutcome::Partial),
            (BatchResult { not_served: 1, ..none() }, BatchOutcome::Refused, BatchOutcome::Partial),
            (BatchResult { failed_rows: 1, ..none() }, BatchOutcome::Refused, BatchOutcome::Partial),
        ] {
            let with = |assigned| BatchResult { totals: changes(assigned), ..result.clone() }.outcome();
            assert_eq!((with(0), with(1)), (unchanged, changed), "{result:?}");
        }
        let totals = Totals { changed: sample(1), ..changes(0) };
        assert_eq!(BatchResult { totals, ..none() }.outcome(), BatchOutcome::Refused);
        for word in
            [BatchOutcome::Complete, BatchOutcome::Partial, BatchOutcome::Unchanged, BatchOutcome::Refused]
        {
            assert!(BatchOutcome::WORDS.contains(&word.as_str()));
        }
    }
}
