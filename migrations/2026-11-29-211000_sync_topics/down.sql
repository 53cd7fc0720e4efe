CREATE INDEX changes_rep_idx ON changes (tenant_id, sales_rep_id, tx_id, id);
ALTER TABLE changes DROP CONSTRAINT changes_topic_check, DROP COLUMN audience;
