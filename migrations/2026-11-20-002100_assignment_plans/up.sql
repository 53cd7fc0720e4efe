-- A change of many assignments goes one way, whether it is asked for in JSON or by a file, as a plan or at once: what is
-- wished for (assignment_rows), what would happen to whom (assignment_steps, assignment_loads), and then that.
ALTER TABLE batches
    ADD COLUMN options    JSONB NOT NULL DEFAULT '{}',
    -- NULL: a plan. By itself now, for servers of the version before, who make none.
    ADD COLUMN applied_at TIMESTAMPTZ DEFAULT now(),
    -- The batch that this one takes back.
    ADD COLUMN undoes     BIGINT,
    ADD FOREIGN KEY (tenant_id, undoes) REFERENCES batches (tenant_id, id);
UPDATE batches SET applied_at = created_at WHERE state <> 'planned';
ALTER TABLE batches ADD CHECK ((state = 'planned') = (applied_at IS NULL));
CREATE INDEX batches_undoes_idx ON batches (tenant_id, undoes) WHERE undoes IS NOT NULL;

-- Whom which shop is wished for, as it was written. Only while a batch is drawn; a crash may take it, as the file or the
-- plan it came from is still there.
CREATE UNLOGGED TABLE assignment_rows (
    tenant_id BIGINT NOT NULL,
    batch_id  BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    -- An id or a username in lower case.
    rep       TEXT COLLATE "C" NOT NULL,
    uid       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, row_no)
);

-- What a batch that is not applied yet would do to each pair of representative and shop. An applied one is told by its
-- spans, and has no steps. Without foreign keys: a plan whose shop or representative is gone is refused when applied.
CREATE TABLE assignment_steps (
    tenant_id    BIGINT NOT NULL,
    batch_id     BIGINT NOT NULL,
    retailer_id  BIGINT NOT NULL,
    sales_rep_id BIGINT NOT NULL,
    -- start, end; and what was asked for and not done: keep (it is so already), skip (somebody else serves the shop),
    -- refuse (over capacity), absent (there is nothing to end), changed (it is not what the batch to be undone left).
    step         TEXT COLLATE "C" NOT NULL
        CHECK (step IN ('start', 'end', 'keep', 'skip', 'refuse', 'absent', 'changed')),
    -- What was seen when it was drawn: should it be otherwise when the plan is applied, the world has moved.
    served_by    BIGINT[] NOT NULL,
    territory_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, retailer_id, sales_rep_id)
);

-- Each representative's shops before and after a batch, and how many they may have.
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

-- What a batch did is shown a page at a time.
DROP INDEX sales_rep_retailers_batch_idx, assignment_history_batch_idx, assignment_history_end_batch_idx;
CREATE INDEX sales_rep_retailers_batch_idx ON sales_rep_retailers (tenant_id, batch_id, retailer_id, sales_rep_id)
    WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_batch_idx ON assignment_history (tenant_id, batch_id, retailer_id, sales_rep_id)
    WHERE batch_id IS NOT NULL;
CREATE INDEX assignment_history_end_batch_idx
    ON assignment_history (tenant_id, end_batch_id, retailer_id, sales_rep_id) WHERE end_batch_id IS NOT NULL;

-- A batch has its number before it has its row, as rows and steps are drawn under it.
CREATE FUNCTION next_batch_id() RETURNS BIGINT LANGUAGE sql SECURITY DEFINER SET search_path = public AS
    $$ SELECT nextval(pg_get_serial_sequence('batches', 'id')) $$;
REVOKE EXECUTE ON FUNCTION next_batch_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_batch_id() TO haat_app;

GRANT SELECT, INSERT, DELETE ON assignment_rows TO haat_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON assignment_steps TO haat_app;
GRANT SELECT, INSERT ON assignment_loads TO haat_app;

-- Assigning took FOR SHARE on the shop, so that its name was copied right, and kept a representative from changing the
-- shop meanwhile. Now a renaming itself waits for whoever is assigning (FOR KEY SHARE, as any foreign key takes), and
-- the copies it then finds are all there are: points and notes can be changed while a nation is assigned.
CREATE OR REPLACE FUNCTION copy_retailer_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM retailers WHERE tenant_id = NEW.tenant_id AND id = NEW.id FOR UPDATE;
    UPDATE sales_rep_retailers SET name = NEW.name, uid = NEW.uid
     WHERE tenant_id = NEW.tenant_id AND retailer_id = NEW.id;
    RETURN NULL;
END
$$;
