-- Columns that an import needs in addition. No import has been written yet, so the tables of rows and errors are
-- recreated.
ALTER TABLE imports
    DROP COLUMN checkpoint,
    ADD COLUMN request_id     TEXT NOT NULL DEFAULT '',
    -- The known columns that the file has, and the names of the others.
    ADD COLUMN known_columns  TEXT[] COLLATE "C",
    ADD COLUMN extra_columns  TEXT[] COLLATE "C" NOT NULL DEFAULT '{}',
    -- The reason why the file was rejected, as a stable code.
    ADD COLUMN failure        TEXT COLLATE "C",
    -- The last row of the file that is staged, and the last one that is applied. Both are updated in the transaction of
    -- the rows they refer to.
    ADD COLUMN staged_to      BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN applied_to     BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN preview        JSONB,
    -- The undo: its batch, the last retailer processed, and its counts.
    ADD COLUMN undo_batch_id  BIGINT,
    ADD COLUMN undone_to      BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_restored  BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_removed   BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_changed   BIGINT NOT NULL DEFAULT 0,
    ADD FOREIGN KEY (tenant_id, undo_batch_id) REFERENCES batches (tenant_id, id);
CREATE INDEX imports_undo_batch_idx ON imports (tenant_id, undo_batch_id) WHERE undo_batch_id IS NOT NULL;

DROP TABLE import_rows, import_errors;

-- The rows of a file that are valid by themselves, filled by COPY. Logged, because an import must survive a crash of
-- the database. Without a foreign key, which would be checked row by row; code that deletes an import deletes its rows.
CREATE TABLE import_rows (
    tenant_id         BIGINT NOT NULL,
    import_id         BIGINT NOT NULL,
    row_no            BIGINT NOT NULL CHECK (row_no > 0),
    uid               TEXT COLLATE "C" NOT NULL,
    name              TEXT COLLATE "C",
    phone             TEXT COLLATE "C",
    -- The id of a place on the sales map, or the number of a place to be created.
    territory_id      BIGINT,
    territory_place   INTEGER,
    distributor_id    BIGINT,
    distributor_place INTEGER,
    points            INTEGER NOT NULL,
    routes            TEXT[] COLLATE "C" NOT NULL,
    notes             TEXT COLLATE "C",
    search_key        TEXT COLLATE "C" NOT NULL,
    -- failed: invalid in combination with the pool or with other rows; superseded: a later row has the same uid.
    outcome           TEXT COLLATE "C" CHECK (outcome IN ('failed', 'superseded')),
    PRIMARY KEY (tenant_id, import_id, row_no)
);

-- Places that a file names and the sales map does not have, once each. `place_id` is set once they are created.
CREATE TABLE import_places (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    place_no  INTEGER NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('territory', 'distributor')),
    region_id BIGINT,
    region    TEXT COLLATE "C",
    area_id   BIGINT,
    area      TEXT COLLATE "C",
    name      TEXT COLLATE "C" NOT NULL,
    place_id  BIGINT,
    PRIMARY KEY (tenant_id, import_id, place_no),
    CHECK (kind = 'distributor' OR (num_nonnulls(region_id, region) = 1 AND num_nonnulls(area_id, area) = 1)),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);

-- All errors of the rows, without a limit.
CREATE TABLE import_errors (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL CHECK (length(field) <= 200),
    code      TEXT COLLATE "C" NOT NULL CHECK (length(code) <= 100),
    -- The value in the file, truncated.
    value     TEXT COLLATE "C" NOT NULL CHECK (length(value) <= 200),
    PRIMARY KEY (tenant_id, import_id, row_no, field, code),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);

-- The change of each retailer by a batch, for undo. Written only by the statement that makes the change, so it needs no
-- foreign keys. The row of a retailer that its undo removed is kept.
CREATE TABLE retailer_changes (
    tenant_id    BIGINT NOT NULL,
    batch_id     BIGINT NOT NULL,
    retailer_id  BIGINT NOT NULL,
    -- The retailer before the change; NULL: it did not exist.
    before       JSONB,
    -- The retailer's version after the change; a different version means that it has changed since.
    version      BIGINT NOT NULL,
    -- The result of the undo, and the version that it left.
    undo         TEXT COLLATE "C" CHECK (undo IN ('restored', 'removed', 'changed')),
    undo_version BIGINT,
    PRIMARY KEY (tenant_id, batch_id, retailer_id)
);
CREATE INDEX retailer_changes_left_idx ON retailer_changes (tenant_id, batch_id, retailer_id) WHERE undo = 'changed';

GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows, import_places, import_errors TO haat_app;
GRANT SELECT, INSERT, UPDATE ON retailer_changes TO haat_app;

-- The undo deletes a retailer that the import created and that has not changed since, so that the corrected file can
-- create it again. The foreign keys prevent deletion while other rows refer to it. The server itself may not delete
-- retailers.
CREATE FUNCTION remove_created_retailers(of_tenant BIGINT, of_batch BIGINT, ids BIGINT[])
    RETURNS TABLE (id BIGINT, uid TEXT, was JSONB) LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM retailers AS r USING retailer_changes AS c
     WHERE r.tenant_id = of_tenant AND r.id = ANY (ids) AND c.tenant_id = of_tenant AND c.batch_id = of_batch
       AND c.retailer_id = r.id AND c.before IS NULL AND c.version = r.version
    RETURNING r.id, r.uid, jsonb_build_object('name', r.name, 'phone', r.phone, 'territory', r.territory_id,
        'distributor', r.distributor_id, 'points', r.points, 'routes', r.routes, 'notes', r.notes, 'version', r.version)
$$;
REVOKE EXECUTE ON FUNCTION remove_created_retailers(BIGINT, BIGINT, BIGINT[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_created_retailers(BIGINT, BIGINT, BIGINT[]) TO haat_app;
