ALTER TABLE imports DROP COLUMN warnings, DROP COLUMN column_headers;
ALTER TABLE import_errors DROP COLUMN sheet_row;
ALTER TABLE import_rows DROP COLUMN sheet_row;
