-- Parameters: $1 tenant, $2 the import's batch, $3 the limit of the list.
-- Result: one row: retailers that would be restored, retailers that would be removed, retailers that would be left as they
-- are, the uids of the latter.
-- Based on the data read here; the undo checks each retailer again.
, targets AS (
    SELECT s.uid, c.before IS NULL AS was_created, coalesce(s.version = c.version
           OR retailer_version_like($1, s.id, s.version) = c.version, FALSE)
           AND (c.before IS NOT NULL AND c.before ->> 'deletedAt' IS NULL OR
                NOT EXISTS (SELECT FROM sales_rep_retailers AS l WHERE l.tenant_id = $1 AND l.retailer_id = c.retailer_id))
           AND (c.before IS NOT NULL OR
                NOT EXISTS (SELECT FROM assignment_history AS h WHERE h.tenant_id = $1 AND h.retailer_id = c.retailer_id))
           AS undoable
      FROM retailer_changes AS c LEFT JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
     WHERE c.tenant_id = $1 AND c.batch_id = $2
)
SELECT count(*) FILTER (WHERE undoable AND NOT was_created), count(*) FILTER (WHERE undoable AND was_created), count(*) FILTER (WHERE NOT undoable),
       ARRAY(SELECT uid FROM targets WHERE NOT undoable AND uid IS NOT NULL ORDER BY uid LIMIT $3)
  FROM targets
