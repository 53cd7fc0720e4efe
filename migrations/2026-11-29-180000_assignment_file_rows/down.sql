DELETE FROM assignment_rows;
ALTER TABLE assignment_rows
    DROP CONSTRAINT assignment_rows_pkey,
    DROP COLUMN from_rep,
    ADD PRIMARY KEY (tenant_id, batch_id, row_no);
