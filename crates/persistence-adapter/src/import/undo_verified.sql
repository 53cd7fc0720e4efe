-- $1 tenant, $2 the import's batch: shops that were taken back and are not what they were, though nobody has changed them
-- since.
SELECT count(*) FROM retailer_changes AS c LEFT JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
 WHERE c.tenant_id = $1 AND c.batch_id = $2
   AND (c.undo IS NULL OR c.undo = 'removed' AND s.id IS NOT NULL
        OR c.undo = 'restored' AND s.version = c.undo_version
           AND (s.name, s.phone, s.territory_id, s.distributor_id, s.points, s.routes, s.notes, s.deleted_at)
               IS DISTINCT FROM
               (c.before ->> 'name', c.before ->> 'phone', (c.before ->> 'territory')::bigint,
                (c.before ->> 'distributor')::bigint, (c.before ->> 'points')::integer,
                ARRAY(SELECT jsonb_array_elements_text(c.before -> 'routes')), c.before ->> 'notes',
                (c.before ->> 'deletedAt')::timestamptz))
