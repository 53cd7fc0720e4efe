DROP FUNCTION remove_created_retailers(BIGINT, BIGINT, BIGINT[]);
DROP TABLE retailer_changes, import_places, import_errors, import_rows;
CREATE TABLE import_rows (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    row_no    BIGINT NOT NULL CHECK (row_no > 0),
    cells     TEXT[] NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_no),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE import_errors (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL CHECK (length(field) <= 200),
    code      TEXT COLLATE "C" NOT NULL CHECK (length(code) <= 100),
    message   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_no, field, code),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows, import_errors TO haat_app;
ALTER TABLE imports
    DROP COLUMN request_id, DROP COLUMN known_columns, DROP COLUMN extra_columns, DROP COLUMN failure, DROP COLUMN staged_to,
    DROP COLUMN applied_to, DROP COLUMN preview, DROP COLUMN undo_batch_id, DROP COLUMN undone_to,
    DROP COLUMN undo_restored, DROP COLUMN undo_removed, DROP COLUMN undo_changed,
    ADD COLUMN checkpoint JSONB NOT NULL DEFAULT '{}';
