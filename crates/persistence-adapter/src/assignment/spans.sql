-- Parameters: those of covered.sql, $6 uid; one of $7 an instant, $8 the start of a day, $9 a day (NULL: any time); $10 and $11 start and
-- sales rep of the previous row (NULL: none), $12 row limit.
-- Result: assignment periods of the retailer, the latest first: sales rep id, username, name, start, end, assigned by,
-- batch, ended by, end batch, end reason. If the retailer exists in the caller's scope and has no such period: one row of NULLs.
, target AS (
    SELECT id FROM retailers_in_scope WHERE uid = $6 AND ($2 OR deleted_at IS NULL)
), bounds AS (
    -- Days start in the tenant's time zone.
    SELECT coalesce($7, $8::timestamp AT TIME ZONE time_zone) AS instant,
           $9::timestamp AT TIME ZONE time_zone AS day, ($9 + 1)::timestamp AT TIME ZONE time_zone AS next_day
      FROM tenants WHERE id = $1
), spans AS (
    SELECT a.sales_rep_id, a.assigned_at AS started, NULL::timestamptz AS ended, a.assigned_by, a.batch_id,
           NULL::bigint AS ended_by, NULL::bigint AS end_batch_id, NULL::text AS end_reason
      FROM target AS s JOIN sales_rep_retailers AS a ON a.tenant_id = $1 AND a.retailer_id = s.id
    UNION ALL
    SELECT h.sales_rep_id, lower(h.valid), upper(h.valid), h.assigned_by, h.batch_id, h.ended_by, h.end_batch_id, h.end_reason
      FROM target AS s JOIN assignment_history AS h ON h.tenant_id = $1 AND h.retailer_id = s.id
), page AS (
    SELECT p.*, u.username, u.name FROM spans AS p CROSS JOIN bounds AS m
      JOIN users AS u ON u.tenant_id = $1 AND u.id = p.sales_rep_id
     WHERE (m.instant IS NULL OR (p.started <= m.instant AND (p.ended IS NULL OR m.instant < p.ended)))
       AND (m.day IS NULL OR (p.started < m.next_day AND (p.ended IS NULL OR m.day < p.ended)))
       AND ($10 IS NULL OR (p.started, p.sales_rep_id) < ($10, $11))
     ORDER BY p.started DESC, p.sales_rep_id DESC LIMIT $12
)
SELECT n.sales_rep_id, n.username, n.name, n.started, n.ended, n.assigned_by, n.batch_id, n.ended_by, n.end_batch_id, n.end_reason
  FROM target AS s LEFT JOIN page AS n ON TRUE ORDER BY n.started DESC, n.sales_rep_id DESC
