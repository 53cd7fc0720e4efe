-- Parameters: $1 tenant, $2 the import's batch.
-- Result: the number of undone retailers that differ from their state before the import, though they have not changed since
-- the undo.
SELECT count(*) FROM retailer_changes AS c LEFT JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
 WHERE c.tenant_id = $1 AND c.batch_id = $2
   AND (c.undo_state IS NULL OR c.undo_state = 'removed' AND s.id IS NOT NULL
        OR c.undo_state = 'restored' AND s.version = c.undo_version
           AND (s.name, s.phone, s.territory_id, s.distributor_id, s.points, s.routes, s.notes, s.deleted_at)
               IS DISTINCT FROM
               (c.before ->> 'name', c.before ->> 'phone', (c.before ->> 'territory')::bigint,
                (c.before ->> 'distributor')::bigint, (c.before ->> 'points')::integer,
                ARRAY(SELECT jsonb_array_elements_text(c.before -> 'routes')), c.before ->> 'notes',
                (c.before ->> 'deletedAt')::timestamptz))
