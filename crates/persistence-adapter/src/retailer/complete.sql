-- Parameters: $1 tenant, $2 retailers.
-- Result: retailer id, created at, deleted at; sales rep id, username, name, assigned at. One row for each assignment, and one
-- with NULLs for a retailer that no sales rep serves.
SELECT r.id, r.created_at, r.deleted_at, u.id, u.username, u.name, s.assigned_at
  FROM retailers AS r
  LEFT JOIN (
      sales_rep_retailers AS s JOIN users AS u ON u.tenant_id = s.tenant_id AND u.id = s.sales_rep_id
  ) ON s.tenant_id = r.tenant_id AND s.retailer_id = r.id
 WHERE r.tenant_id = $1 AND r.id = ANY ($2)
 ORDER BY u.username
