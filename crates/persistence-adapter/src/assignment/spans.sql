-- $1 tenant, $2 uid; $3 at this instant, $4 as this day begins, $5 during this day (NULL: whenever); $6 and $7 before this
-- beginning and representative, $8 how many. One row without a representative where the shop has no such span.
, shop AS (
    SELECT id FROM retailers WHERE tenant_id = $1 AND uid = $2
), moments AS (
    -- Days begin where the tenant is.
    SELECT coalesce($3, $4::timestamp AT TIME ZONE time_zone) AS at,
           $5::timestamp AT TIME ZONE time_zone AS day, ($5 + 1)::timestamp AT TIME ZONE time_zone AS next_day
      FROM tenants WHERE id = $1
), spans AS (
    SELECT a.sales_rep_id, a.assigned_at AS begun, NULL::timestamptz AS ended, a.assigned_by, a.batch_id,
           NULL::bigint AS ended_by, NULL::bigint AS end_batch_id, NULL::text AS end_reason
      FROM shop AS s JOIN sales_rep_retailers AS a ON a.tenant_id = $1 AND a.retailer_id = s.id
    UNION ALL
    SELECT h.sales_rep_id, lower(h.valid), upper(h.valid), h.assigned_by, h.batch_id, h.ended_by, h.end_batch_id, h.end_reason
      FROM shop AS s JOIN assignment_history AS h ON h.tenant_id = $1 AND h.retailer_id = s.id
), shown AS (
    SELECT p.*, u.username, u.name FROM spans AS p CROSS JOIN moments AS m
      JOIN users AS u ON u.tenant_id = $1 AND u.id = p.sales_rep_id
     WHERE (m.at IS NULL OR (p.begun <= m.at AND (p.ended IS NULL OR m.at < p.ended)))
       AND (m.day IS NULL OR (p.begun < m.next_day AND (p.ended IS NULL OR m.day < p.ended)))
       AND ($6 IS NULL OR (p.begun, p.sales_rep_id) < ($6, $7))
     ORDER BY p.begun DESC, p.sales_rep_id DESC LIMIT $8
)
SELECT n.sales_rep_id, n.username, n.name, n.begun, n.ended, n.assigned_by, n.batch_id, n.ended_by, n.end_batch_id, n.end_reason
  FROM shop AS s LEFT JOIN shown AS n ON TRUE ORDER BY n.begun DESC, n.sales_rep_id DESC
