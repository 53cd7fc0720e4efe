CREATE OR REPLACE FUNCTION remove_created_retailers(of_tenant BIGINT, of_batch BIGINT, ids BIGINT[])
    RETURNS TABLE (id BIGINT, uid TEXT, was JSONB) LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM retailers AS r USING retailer_changes AS c
     WHERE r.tenant_id = of_tenant AND r.id = ANY (ids) AND c.tenant_id = of_tenant AND c.batch_id = of_batch
       AND c.retailer_id = r.id AND c.before IS NULL AND c.version = r.version
    RETURNING r.id, r.uid, jsonb_build_object('name', r.name, 'phone', r.phone, 'territory', r.territory_id,
        'distributor', r.distributor_id, 'points', r.points, 'routes', r.routes, 'notes', r.notes, 'version', r.version)
$$;
DROP FUNCTION retailer_version_like(BIGINT, BIGINT, BIGINT);
DROP INDEX retailer_changes_restored_idx;
ALTER TABLE retailer_changes DROP COLUMN undo_base;
ALTER TABLE imports DROP COLUMN failure_columns;
