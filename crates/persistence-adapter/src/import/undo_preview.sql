-- $1 tenant, $2 the import's batch, $3 the most uids. By what is read here; each shop is looked at again when its turn comes.
, shops AS (
    SELECT s.uid, c.before IS NULL AS new, coalesce(s.version = c.version
           OR retailer_version_like($1, s.id, s.version) = c.version, FALSE)
           AND (c.before IS NOT NULL AND c.before ->> 'deletedAt' IS NULL OR
                NOT EXISTS (SELECT FROM sales_rep_retailers AS l WHERE l.tenant_id = $1 AND l.retailer_id = c.retailer_id))
           AND (c.before IS NOT NULL OR
                NOT EXISTS (SELECT FROM assignment_history AS h WHERE h.tenant_id = $1 AND h.retailer_id = c.retailer_id))
           AS fits
      FROM retailer_changes AS c LEFT JOIN retailers AS s ON s.tenant_id = $1 AND s.id = c.retailer_id
     WHERE c.tenant_id = $1 AND c.batch_id = $2
)
SELECT count(*) FILTER (WHERE fits AND NOT new), count(*) FILTER (WHERE fits AND new), count(*) FILTER (WHERE NOT fits),
       ARRAY(SELECT uid FROM shops WHERE NOT fits AND uid IS NOT NULL ORDER BY uid LIMIT $3)
  FROM shops
