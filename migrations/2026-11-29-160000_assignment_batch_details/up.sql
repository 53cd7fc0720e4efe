-- The lists of a batch's result, so that a plan shows the same result when it is created, read and applied. NULL in
-- batches of earlier versions. Not jsonb, which cannot hold every text that a request may send as a uid.
ALTER TABLE batches ADD COLUMN details json;
