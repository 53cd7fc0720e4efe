//! Fixtures of the import tests.

use haat_domain::audit::{AuditAction, MockAuditWriter};
use haat_domain::import::{Import, ImportCounts, ImportId, ImportOptions, ImportState, MockImportWriter};
use haat_domain::job::{Enqueued, MockJobWriter};
use haat_domain::shared::{BatchId, JobId, MockClock};

use crate::testing::{FakeTx, noon};

/// The id of the import in all tests.
pub(super) const IMPORT_ID: ImportId = ImportId::new(4);

/// The batch it writes.
pub(super) const BATCH: BatchId = BatchId::new(9);

/// The import, in a state.
pub(super) fn import(state: ImportState) -> Import {
    Import {
        id: IMPORT_ID,
        actor: None,
        batch: None,
        state,
        file_name: Some("retailers.csv".into()),
        file: "f".into(),
        size: 7,
        options: ImportOptions::default(),
        columns: None,
        extra_columns: Vec::new(),
        column_headers: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
        failure: None,
        failure_columns: Vec::new(),
        total: 0,
        applied_to: 0,
        counts: ImportCounts::default(),
        preview: None,
        undo: None,
        request_id: "r".into(),
        created_at: noon(),
        started_at: None,
        finished_at: None,
    }
}

/// A writer whose `lock` always returns this import.
pub(super) fn locking(import: Option<Import>) -> MockImportWriter {
    let mut imports = MockImportWriter::new();
    imports.expect_lock().withf(|_, id| *id == IMPORT_ID).returning(move |_, _| Ok(import.clone()));
    imports
}

/// A transaction that expects an audit entry of `action` and a job of `kind`; no job for an empty kind, and
/// neither for `None`.
pub(super) fn expecting(
    imports: MockImportWriter,
    kind: &'static str,
    action: Option<AuditAction>,
) -> FakeTx<MockImportWriter> {
    let (mut jobs, mut audit) = (MockJobWriter::new(), MockAuditWriter::new());
    let enqueued = usize::from(action.is_some() && !kind.is_empty());
    jobs.expect_enqueue()
        .times(enqueued)
        .withf(move |job| job.kind.name == kind)
        .returning(|_| Ok(Enqueued::Created(JobId::new(1))));
    audit
        .expect_record()
        .times(usize::from(action.is_some()))
        .withf(move |entries| entries.len() == 1 && Some(entries[0].action) == action)
        .returning(|_| Ok(()));
    FakeTx::of(imports).with_jobs(jobs).with_audit(audit)
}

pub(super) fn clock() -> MockClock {
    let mut clock = MockClock::new();
    clock.expect_now().returning(noon);
    clock
}
