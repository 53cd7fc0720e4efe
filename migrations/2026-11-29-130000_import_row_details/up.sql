-- The row of a spreadsheet, which counts the header and blank lines, for messages; NULL in files staged by an earlier version.
ALTER TABLE import_rows ADD COLUMN sheet_row BIGINT;
ALTER TABLE import_errors ADD COLUMN sheet_row BIGINT;
-- The names that the file gives to known columns, and anomalies of the rows that are not errors:
-- {"headers": {"phone": "Mobile"}, "warnings": [{"code", "rows", "examples"}]}.
ALTER TABLE imports ADD COLUMN file_details JSONB NOT NULL DEFAULT '{}',
    -- The errors by column, code and value, once the rows are checked and again once they are written.
    ADD COLUMN error_groups JSONB;
