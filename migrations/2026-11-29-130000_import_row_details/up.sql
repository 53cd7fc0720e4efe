-- The row of a spreadsheet, which counts the header and blank lines, for messages; NULL in files staged by an earlier version.
ALTER TABLE import_rows ADD COLUMN sheet_row BIGINT;
ALTER TABLE import_errors ADD COLUMN sheet_row BIGINT;
-- The names that the file gives to known columns, by column: {"phone": "Mobile"}.
ALTER TABLE imports ADD COLUMN column_headers JSONB NOT NULL DEFAULT '{}',
    -- Anomalies of the rows that are not errors: [{"code", "rows", "examples"}].
    ADD COLUMN warnings JSONB NOT NULL DEFAULT '[]';
