DROP FUNCTION next_batch_id();
DROP INDEX sales_rep_retailers_batch_idx, assignment_history_batch_idx, assignment_history_end_batch_idx;
CREATE INDEX sales_rep_retailers_batch_idx ON sales_rep_retailers (tenant_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_batch_idx ON assignment_history (tenant_id, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_end_batch_idx ON assignment_history (tenant_id, end_batch_id)
    WHERE end_batch_id IS NOT NULL;
CREATE OR REPLACE FUNCTION copy_retailer_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sales_rep_retailers SET name = NEW.name, uid = NEW.uid
     WHERE tenant_id = NEW.tenant_id AND retailer_id = NEW.id;
    RETURN NULL;
END
$$;
DROP TABLE assignment_loads, assignment_steps, assignment_rows;
ALTER TABLE batches DROP COLUMN options, DROP COLUMN applied_at, DROP COLUMN undoes;
