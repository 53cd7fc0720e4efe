use haat_domain::job::{RetentionRule, days};
use haat_persistence_core::{RetainedRows, RowEnd};

/// Imports that were checked, but not applied in time. They are cancelled, with an entry in the audit log.
pub(crate) static READY_IMPORTS: RetainedRows = RetainedRows {
    only: "t.state = 'READY'",
    end: RowEnd::Set("state = 'CANCELLED', failure = 'expired', finished_at = haat_now()"),
    also: ", rows AS (DELETE FROM import_rows AS r USING ended AS e WHERE r.tenant_id = e.tenant_id AND r.import_id = e.id), \
           places AS (DELETE FROM import_places AS p USING ended AS e WHERE p.tenant_id = e.tenant_id AND p.import_id = e.id), \
           audited AS (INSERT INTO audit_logs (tenant_id, occurred_at, action, entity, entity_id, after) \
                       SELECT tenant_id, haat_now(), 'import.cancel', 'import', id::text, '{\"failure\": \"expired\"}' FROM ended)",
    // Each may have a million rows.
    batch: 5,
    ..RetainedRows::new(RetentionRule::new("ready-imports", days(7), days(1)), "imports", "t.created_at")
};

/// Files of imports, and their errors. The import itself stays.
pub(crate) static IMPORT_FILES: RetainedRows = RetainedRows {
    only: "t.object_key <> ''",
    end: RowEnd::Set("object_key = ''"),
    file: Some("t.object_key"),
    also: ", errors AS (DELETE FROM import_errors AS r USING ended AS e WHERE r.tenant_id = e.tenant_id AND r.import_id = e.id)",
    batch: 20,
    ..RetainedRows::new(RetentionRule::new("import-files", days(90), days(7)), "imports", "t.finished_at")
};
