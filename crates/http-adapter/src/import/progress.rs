//! How far an import is and how fast it comes on.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use haat_domain::import::{Import, ImportState};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::{RowsDto, UndoProgressDto};

/// How fast it is now is how fast it was in this time.
const RECENT: Duration = Duration::from_secs(5);

/// How far an import is: the data of an event `progress`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportProgress)]
pub(crate) struct ProgressDto {
    #[serde(flatten)]
    reached: Reached,
    /// Rows a second of late; shops a second while it is taken back.
    rate: i64,
    /// How long what it does now will take at this rate, where that can be known.
    #[schema(required = true)]
    seconds_left: Option<i64>,
}

/// How far it is.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportReached)]
pub(crate) struct Reached {
    /// As of the import.
    #[schema(example = "APPLYING")]
    state: &'static str,
    /// As of the import.
    rows: RowsDto,
    /// As of the import.
    #[schema(required = true)]
    undo: Option<UndoProgressDto>,
}

/// Watches how an import comes on.
#[derive(Default)]
pub(super) struct Pace {
    told: Option<Reached>,
    /// What it was doing, and how much of it was done when.
    doing: Option<(ImportState, bool)>,
    seen: VecDeque<(Instant, i64)>,
}

/// Whether nothing more will become of an import by itself.
pub(super) fn is_over(import: &Import) -> bool {
    let undoing = import.undo.is_some_and(|undo| !undo.finished);
    (import.state.is_final() || import.state == ImportState::Ready) && !undoing
}

impl Pace {
    /// How far it is, unless that is what was told last.
    pub(super) fn look(&mut self, import: &Import, at: Instant) -> Option<ProgressDto> {
        let reached = Reached {
            state: import.state.as_str(),
            rows: import.into(),
            undo: import.undo.map(UndoProgressDto::from),
        };
        let (done, all) = work(import);
        let doing = (import.state, import.undo.is_some());
        if self.doing.replace(doing) != Some(doing) {
            self.seen.clear();
        }
        while self.seen.len() > 1 && self.seen.front().is_some_and(|(seen, _)| at - *seen > RECENT) {
            self.seen.pop_front();
        }
        self.seen.push_back((at, done));
        if self.told.as_ref() == Some(&reached) {
            return None;
        }
        self.told = Some(reached.clone());
        let rate = self.rate();
        let seconds_left = all.filter(|_| rate > 0).map(|all| ((all - done).max(0) + rate - 1) / rate);
        Some(ProgressDto { reached, rate, seconds_left })
    }

    fn rate(&self) -> i64 {
        let (Some((since, before)), Some((at, now))) = (self.seen.front(), self.seen.back()) else {
            return 0;
        };
        let milliseconds = i64::try_from((*at - *since).as_millis()).unwrap_or(i64::MAX);
        ((now - before) * 1_000).checked_div(milliseconds).unwrap_or_default()
    }
}

/// How much is done of what it does now, and how much that is in all, where that is known.
fn work(import: &Import) -> (i64, Option<i64>) {
    if let Some(undo) = import.undo {
        let counts = undo.counts;
        let shops = import.counts.created + import.counts.updated;
        return (counts.restored + counts.removed + counts.changed, Some(shops));
    }
    match import.state {
        // How many rows there are is known at the end of the file.
        ImportState::Validating => (import.total, None),
        ImportState::Applying => (import.counts.processed(), Some(import.total)),
        _ => (0, None),
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::import::{ImportCounts, ImportUndo, UndoCounts};
    use haat_domain::shared::{BatchId, ImportId};

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
    fn only_what_is_new_is_told_with_the_rate_of_late() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let mut at = |seconds, import: &Import| {
            let told = pace.look(import, start + Duration::from_secs(seconds));
            told.map(|told| (told.rate, told.seconds_left))
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
    fn an_import_is_over_when_nothing_more_becomes_of_it() {
        let undo = |finished| ImportUndo { batch: BatchId::new(1), counts: UndoCounts::default(), finished };
        for (state, undo, over) in [
            (ImportState::Queued, None, false),
            (ImportState::Applying, None, false),
            (ImportState::Ready, None, true),
            (ImportState::Partial, None, true),
            (ImportState::Succeeded, Some(undo(false)), false),
            (ImportState::Undone, Some(undo(true)), true),
        ] {
            assert_eq!(is_over(&Import { undo, ..import(state, 0, 0) }), over, "{state:?}");
        }
    }
}
