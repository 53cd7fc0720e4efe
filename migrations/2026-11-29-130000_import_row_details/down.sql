ALTER TABLE imports DROP COLUMN error_groups, DROP COLUMN file_details;
ALTER TABLE import_errors DROP COLUMN sheet_row;
ALTER TABLE import_rows DROP COLUMN sheet_row;
