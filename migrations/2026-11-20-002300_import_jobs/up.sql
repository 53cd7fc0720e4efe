-- What an import needs beyond the table it had: nobody has written one yet, so rows and errors are made anew.
ALTER TABLE imports
    DROP COLUMN checkpoint,
    ADD COLUMN request_id     TEXT NOT NULL DEFAULT '',
    -- Which of our columns the file has, and the names of the others.
    ADD COLUMN known_columns  TEXT[] COLLATE "C",
    ADD COLUMN extra_columns  TEXT[] COLLATE "C" NOT NULL DEFAULT '{}',
    -- Why the file was refused, in a stable word.
    ADD COLUMN failure        TEXT COLLATE "C",
    -- The last row of the file that is staged, and the last one that is written. They move in the transaction of the
    -- rows they speak of.
    ADD COLUMN staged_to      BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN applied_to     BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN preview        JSONB,
    -- How it is taken back: by which batch, as far as which shop, with what result.
    ADD COLUMN undo_batch_id  BIGINT,
    ADD COLUMN undone_to      BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_restored  BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_removed   BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN undo_changed   BIGINT NOT NULL DEFAULT 0,
    ADD FOREIGN KEY (tenant_id, undo_batch_id) REFERENCES batches (tenant_id, id);
CREATE INDEX imports_undo_batch_idx ON imports (tenant_id, undo_batch_id) WHERE undo_batch_id IS NOT NULL;

DROP TABLE import_rows, import_errors;

-- The rows of a file in which nothing is wrong by itself, filled by COPY. They are logged: an import must survive a crash
-- of the database. Without a foreign key, which would be checked row by row; who forgets an import forgets its rows.
CREATE TABLE import_rows (
    tenant_id         BIGINT NOT NULL,
    import_id         BIGINT NOT NULL,
    row_no            BIGINT NOT NULL CHECK (row_no > 0),
    uid               TEXT COLLATE "C" NOT NULL,
    name              TEXT COLLATE "C",
    phone             TEXT COLLATE "C",
    -- A place on the map, or the number of one that is to be created.
    territory_id      BIGINT,
    territory_place   INTEGER,
    distributor_id    BIGINT,
    distributor_place INTEGER,
    points            INTEGER NOT NULL,
    routes            TEXT[] COLLATE "C" NOT NULL,
    notes             TEXT COLLATE "C",
    search_key        TEXT COLLATE "C" NOT NULL,
    -- failed: beside the pool or other rows something is wrong with it; superseded: a later row has the same uid.
    outcome           TEXT COLLATE "C" CHECK (outcome IN ('failed', 'superseded')),
    PRIMARY KEY (tenant_id, import_id, row_no)
);

-- Places that a file names and the map does not have, each once. `place_id` once they are created.
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

-- Everything that is wrong with rows, without a cap.
CREATE TABLE import_errors (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    field     TEXT COLLATE "C" NOT NULL CHECK (length(field) <= 200),
    code      TEXT COLLATE "C" NOT NULL CHECK (length(code) <= 100),
    -- As it stood in the file, cut short.
    value     TEXT COLLATE "C" NOT NULL CHECK (length(value) <= 200),
    PRIMARY KEY (tenant_id, import_id, row_no, field, code),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);

-- What a batch did to each shop, for taking it back: written in the statement that does it, by nobody else, which is why
-- it does without foreign keys. A shop that its undo has removed keeps its line.
CREATE TABLE retailer_changes (
    tenant_id    BIGINT NOT NULL,
    batch_id     BIGINT NOT NULL,
    retailer_id  BIGINT NOT NULL,
    -- What it was before; NULL: it was not.
    before       JSONB,
    -- The shop's version after it: with another one somebody has changed it since.
    version      BIGINT NOT NULL,
    -- What the undo did, and the version it left.
    undo         TEXT COLLATE "C" CHECK (undo IN ('restored', 'removed', 'changed')),
    undo_version BIGINT,
    PRIMARY KEY (tenant_id, batch_id, retailer_id)
);
CREATE INDEX retailer_changes_left_idx ON retailer_changes (tenant_id, batch_id, retailer_id) WHERE undo = 'changed';

GRANT SELECT, INSERT, UPDATE, DELETE ON import_rows, import_places, import_errors TO haat_app;
GRANT SELECT, INSERT, UPDATE ON retailer_changes TO haat_app;

-- A shop that an import has created and nobody has touched since is taken back whole, so that the corrected file can
-- create it again. Whatever refers to a shop keeps it, by its foreign key. The server itself can delete no shop.
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
