-- A file can transfer each retailer from another sales rep, and one of its rows can name several sales reps, or none ('').
ALTER TABLE assignment_rows
    -- An id, a username in lower case, or a code, as in `rep`.
    ADD COLUMN from_rep TEXT COLLATE "C",
    DROP CONSTRAINT assignment_rows_pkey,
    ADD PRIMARY KEY (tenant_id, batch_id, row_no, rep);
