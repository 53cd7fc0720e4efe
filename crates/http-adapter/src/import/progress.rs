//! Progress and processing rate of an import.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use haat_domain::import::{Import, ImportState};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::{RowsDto, UndoProgressDto};

/// The period over which the rate is measured.
const RATE_PERIOD: Duration = Duration::from_secs(5);

/// The progress of an import: the data of an event `progress`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportProgress)]
pub(crate) struct ProgressDto {
    #[serde(flatten)]
    progress: ProgressState,
    /// Rows per second over the last 5 seconds; during an undo, retailers per second.
    rate: i64,
    /// Estimated time until the current phase ends, in seconds; `null` if unknown.
    #[schema(required = true)]
    seconds_left: Option<i64>,
}

/// The state and counts of an import.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportProgressState)]
pub(crate) struct ProgressState {
    /// The state of the import.
    #[schema(example = "APPLYING")]
    state: &'static str,
    /// The row counts of the import.
    rows: RowsDto,
    /// The undo of the import; `null` until it has started.
    #[schema(required = true)]
    undo: Option<UndoProgressDto>,
}

/// Tracks the progress of an import.
#[derive(Default)]
pub(super) struct ProgressTracker {
    last_reported: Option<ProgressState>,
    /// The current phase. The samples belong to it.
    phase: Option<(ImportState, bool)>,
    samples: VecDeque<(Instant, i64)>,
}

/// Returns whether the import has settled: it does not change until the next request.
pub(super) fn is_settled(import: &Import) -> bool {
    let undoing = import.undo.is_some_and(|undo| !undo.finished);
    (import.state.is_final() || import.state == ImportState::Ready) && !undoing
}

impl ProgressTracker {
    /// Records a sample. Returns the progress, or `None` if it equals the last reported one.
    pub(super) fn record(&mut self, import: &Import, at: Instant) -> Option<ProgressDto> {
        let progress = ProgressState {
            state: import.state.as_str(),
            rows: import.into(),
            undo: import.undo.map(UndoProgressDto::from),
        };
        let (done, total) = work(import);
        let phase = (import.state, import.undo.is_some());
        if self.phase.replace(phase) != Some(phase) {
            self.samples.clear();
        }
        while self.samples.len() > 1
            && self.samples.front().is_some_and(|(sampled, _)| at - *sampled > RATE_PERIOD)
        {
            self.samples.pop_front();
        }
        self.samples.push_back((at, done));
        if self.last_reported.as_ref() == Some(&progress) {
            return None;
        }
        self.last_reported = Some(progress.clone());
        let rate = self.rate();
        let seconds_left = total.filter(|_| rate > 0).map(|total| ((total - done).max(0) + rate - 1) / rate);
        Some(ProgressDto { progress, rate, seconds_left })
    }

    fn rate(&self) -> i64 {
        let (Some((since, before)), Some((at, now))) = (self.samples.front(), self.samples.back()) else {
            return 0;
        };
        let milliseconds = i64::try_from((*at - *since).as_millis()).unwrap_or(i64::MAX);
        ((now - before) * 1_000).checked_div(milliseconds).unwrap_or_default()
    }
}

/// Returns the completed and, if known, the total work of the current phase.
fn work(import: &Import) -> (i64, Option<i64>) {
    if let Some(undo) = import.undo {
        let counts = undo.counts;
        let retailers = import.counts.created + import.counts.updated;
        return (counts.restored + counts.removed + counts.changed, Some(retailers));
    }
    match import.state {
        // The total is known at the end of the file.
        ImportState::Validating => (import.total, None),
        ImportState::Applying => (import.counts.processed(), Some(import.total)),
        _ => (0, None),
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::import::{ImportCounts, ImportId, ImportUndo, UndoCounts};
    use haat_domain::shared::BatchId;

    use super::*;

    fn import(state: ImportState, total: i64, created: i64) -> Import {
        Import {
            id: ImportId::new(1),
            actor: None,
            batch: None,
            state,
            file_name: None,
            file: String::new(),
            size: 0,
            options: haat_domain::import::ImportOptions::default(),
            columns: None,
            extra_columns: Vec::new(),
            column_headers: std::collections::BTreeMap::new(),
            warnings: Vec::new(),
            failure: None,
            failure_columns: Vec::new(),
            total,
            applied_to: 0,
            counts: ImportCounts { created, ..ImportCounts::default() },
            preview: None,
            undo: None,
            request_id: String::new(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
        }
    }

    #[test]
    fn reports_changes_only_with_the_recent_rate() {
        let (start, mut tracker) = (Instant::now(), ProgressTracker::default());
        let mut at = |seconds, import: &Import| {
            let progress = tracker.record(import, start + Duration::from_secs(seconds));
            progress.map(|progress| (progress.rate, progress.seconds_left))
        };
        assert_eq!(at(0, &import(ImportState::Validating, 0, 0)), Some((0, None)));
        assert_eq!(at(1, &import(ImportState::Validating, 0, 0)), None);
        assert_eq!(at(2, &import(ImportState::Validating, 1_000, 0)), Some((500, None)));
        assert_eq!(at(3, &import(ImportState::Applying, 1_000, 0)), Some((0, None)));
        assert_eq!(at(4, &import(ImportState::Applying, 1_000, 100)), Some((100, Some(9))));
        assert_eq!(at(20, &import(ImportState::Applying, 1_000, 500)), Some((25, Some(20))));
        assert_eq!(at(21, &import(ImportState::Applying, 1_000, 550)), Some((50, Some(9))));
    }

    #[test]
    fn import_is_settled_when_no_job_will_change_it() {
        let undo = |finished| ImportUndo { batch: BatchId::new(1), counts: UndoCounts::default(), finished };
        for (state, undo, settled) in [
            (ImportState::Queued, None, false),
            (ImportState::Applying, None, false),
            (ImportState::Ready, None, true),
            (ImportState::Partial, None, true),
            (ImportState::Succeeded, Some(undo(false)), false),
            (ImportState::Undone, Some(undo(true)), true),
        ] {
            assert_eq!(is_settled(&Import { undo, ..import(state, 0, 0) }), settled, "{state:?}");
        }
    }
}
