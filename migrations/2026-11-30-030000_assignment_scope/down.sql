ALTER TABLE assignment_rows DROP COLUMN out_of_scope;
