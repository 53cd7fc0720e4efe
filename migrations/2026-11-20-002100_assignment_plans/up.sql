-- All bulk changes of assignments take the same steps, whether they come as JSON or as a file, and whether they are
-- planned or applied at once: the request (assignment_rows), its computed effect (assignment_steps, assignment_loads),
-- and then its application.
ALTER TABLE batches
    ADD COLUMN options    JSONB NOT NULL DEFAULT '{}',
    -- NULL: a plan. The default is for servers of the previous version, which create no plans.
    ADD COLUMN applied_at TIMESTAMPTZ DEFAULT now(),
    -- The batch that this one undoes.
    ADD COLUMN undoes     BIGINT,
    ADD FOREIGN KEY (tenant_id, undoes) REFERENCES batches (tenant_id, id);
UPDATE batches SET applied_at = created_at WHERE state <> 'planned';
ALTER TABLE batches ADD CHECK ((state = 'planned') = (applied_at IS NULL));
CREATE INDEX batches_undoes_idx ON batches (tenant_id, undoes) WHERE undoes IS NOT NULL;

-- The requested assignments, as written. Kept only while the steps of a batch are computed; a crash may lose them,
-- because the file or plan that they come from still exists.
CREATE UNLOGGED TABLE assignment_rows (
    tenant_id BIGINT NOT NULL,
    batch_id  BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    -- An id or a username in lower case.
    rep       TEXT COLLATE "C" NOT NULL,
    uid       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, row_no)
);

-- The effect of a batch that is not applied yet on each pair of sales rep and retailer. An applied batch has no steps;
-- its spans record it. Without foreign keys: a plan whose retailer or sales rep is gone is rejected when applied.
CREATE TABLE assignment_steps (
    tenant_id    BIGINT NOT NULL,
    batch_id     BIGINT NOT NULL,
    retailer_id  BIGINT NOT NULL,
    sales_rep_id BIGINT NOT NULL,
    -- start, end; and requested steps that are not applied: keep (already assigned), skip (another sales rep serves the
    -- retailer), refuse (over capacity), absent (no assignment to end), changed (differs from what the batch to undo
    -- left).
    step         TEXT COLLATE "C" NOT NULL
        CHECK (step IN ('start', 'end', 'keep', 'skip', 'refuse', 'absent', 'changed')),
    -- The data at the time of computation. If it differs when the plan is applied, the plan is stale.
    served_by    BIGINT[] NOT NULL,
    territory_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, retailer_id, sales_rep_id)
);

-- The assigned count of each sales rep before and after a batch, and its capacity.
CREATE TABLE assignment_loads (
    tenant_id    BIGINT NOT NULL,
    batch_id     BIGINT NOT NULL,
    sales_rep_id BIGINT NOT NULL,
    before       BIGINT NOT NULL,
    after        BIGINT NOT NULL,
    capacity     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, sales_rep_id),
    FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id),
    FOREIGN KEY (tenant_id, sales_rep_id) REFERENCES sales_reps (tenant_id, id)
);
CREATE INDEX assignment_loads_rep_idx ON assignment_loads (tenant_id, sales_rep_id);

-- Pages of the changes of a batch.
DROP INDEX sales_rep_retailers_batch_idx, assignment_history_batch_idx, assignment_history_end_batch_idx;
CREATE INDEX sales_rep_retailers_batch_idx ON sales_rep_retailers (tenant_id, batch_id, retailer_id, sales_rep_id)
    WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_batch_idx ON assignment_history (tenant_id, batch_id, retailer_id, sales_rep_id)
    WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_end_batch_idx
    ON assignment_history (tenant_id, end_batch_id, retailer_id, sales_rep_id) WHERE end_batch_id IS NOT NULL;

-- A batch gets its id before its row, because rows and steps are stored under the id.
CREATE FUNCTION next_batch_id() RETURNS BIGINT LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ SELECT nextval(pg_get_serial_sequence('batches', 'id')) $$;
REVOKE EXECUTE ON FUNCTION next_batch_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_batch_id() TO haat_app;

GRANT SELECT, INSERT, DELETE ON assignment_rows TO haat_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON assignment_steps TO haat_app;
GRANT SELECT, INSERT ON assignment_loads TO haat_app;

-- An assignment used to take FOR SHARE on the retailer, so that its name was copied correctly, and so blocked changes
-- of the retailer by its sales rep. Now a rename itself waits for running assignments (which hold FOR KEY SHARE, as any
-- foreign key check does), and then updates all copies: points and notes can be changed while retailers of the whole
-- country are being assigned.
CREATE OR REPLACE FUNCTION copy_retailer_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM retailers WHERE tenant_id = NEW.tenant_id AND id = NEW.id FOR UPDATE;
    UPDATE sales_rep_retailers SET name = NEW.name, uid = NEW.uid
     WHERE tenant_id = NEW.tenant_id AND retailer_id = NEW.id;
    RETURN NULL;
END
$$;
