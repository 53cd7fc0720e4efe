ALTER TABLE batches DROP COLUMN details;
