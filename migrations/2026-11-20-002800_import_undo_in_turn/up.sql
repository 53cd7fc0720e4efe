-- The columns that a rejected file lacks or repeats.
ALTER TABLE imports ADD COLUMN failure_columns TEXT[] COLLATE "C" NOT NULL DEFAULT '{}';

-- Two imports that changed the same retailer are undone one after the other, the later one first. Its undo gives the
-- retailer a new version, although the data is what the earlier import left: `undo_base` is the version whose data a
-- restored retailer has.
ALTER TABLE retailer_changes ADD COLUMN undo_base BIGINT;
CREATE INDEX retailer_changes_restored_idx ON retailer_changes (tenant_id, retailer_id, undo_version) WHERE undo = 'restored';

-- Returns the version whose data the given version has: an earlier one if an undo restored it.
CREATE FUNCTION retailer_version_like(of_tenant BIGINT, of_retailer BIGINT, of_version BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.undo_base FROM retailer_changes AS c
                      WHERE c.tenant_id = of_tenant AND c.retailer_id = of_retailer AND c.undo_version = of_version
                        AND c.undo = 'restored'), of_version)
$$;

CREATE OR REPLACE FUNCTION remove_created_retailers(of_tenant BIGINT, of_batch BIGINT, ids BIGINT[])
    RETURNS TABLE (id BIGINT, uid TEXT, was JSONB) LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM retailers AS r USING retailer_changes AS c
     WHERE r.tenant_id = of_tenant AND r.id = ANY (ids) AND c.tenant_id = of_tenant AND c.batch_id = of_batch
       AND c.retailer_id = r.id AND c.before IS NULL
       AND (c.version = r.version OR c.version = retailer_version_like(of_tenant, r.id, r.version))
    RETURNING r.id, r.uid, jsonb_build_object('name', r.name, 'phone', r.phone, 'territory', r.territory_id,
        'distributor', r.distributor_id, 'points', r.points, 'routes', r.routes, 'notes', r.notes, 'version', r.version)
$$;
