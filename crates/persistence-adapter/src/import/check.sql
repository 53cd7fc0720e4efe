-- Parameters: $1 tenant, $2 import; $3 mode, $4 whether deleted retailers are restored, $5 how repeated uids are handled;
-- whether the file has the column name ($6), phone, territory, distributor, points, routes and notes ($12); $13 rows of the
-- file.
-- Result: one row: retailers to create, retailers to update, rows that change nothing (unchanged or superseded), rows
-- with errors, the new plan_cache_mode.
, twins AS MATERIALIZED (
    -- Retailers whose uid differs from an older one in case only. They are named by their exact spelling.
    SELECT uid, uid_twin AS number FROM retailers WHERE tenant_id = $1 AND uid_twin > 0
), repeated AS MATERIALIZED (
    SELECT lower(r.uid) AS key, coalesce(t.number, 0) AS twin, max(r.row_no) FILTER (WHERE r.outcome IS NULL) AS last
      FROM import_rows AS r LEFT JOIN twins AS t ON t.uid = r.uid WHERE r.tenant_id = $1 AND r.import_id = $2
     GROUP BY 1, 2 HAVING count(*) > 1
), checked AS MATERIALIZED (
    SELECT r.row_no, r.sheet_row, r.uid, s.uid AS stored_uid, s.id IS NOT NULL AS known,
           CASE WHEN p.key IS NOT NULL AND $5 = 'error' THEN 'duplicate'
                WHEN p.last > r.row_no THEN 'superseded'
                WHEN s.id IS NULL AND $3 = 'update' THEN 'unknown-uid'
                WHEN s.id IS NOT NULL AND $3 = 'create' THEN 'already-exists'
                WHEN s.deleted_at IS NOT NULL AND NOT $4 THEN 'uid-deleted' END AS error_code,
           s.deleted_at IS NOT NULL OR $6 AND s.name <> r.name OR $7 AND s.phone IS DISTINCT FROM r.phone
           OR $8 AND s.territory_id IS DISTINCT FROM r.territory_id
           OR $9 AND (s.distributor_id IS DISTINCT FROM r.distributor_id OR r.distributor_place IS NOT NULL)
           OR $10 AND s.points <> r.points OR $11 AND s.routes <> r.routes OR $12 AND s.notes IS DISTINCT FROM r.notes
           AS differs
      FROM import_rows AS r
      LEFT JOIN twins AS t ON t.uid = r.uid
      LEFT JOIN repeated AS p ON p.key = lower(r.uid) AND p.twin = coalesce(t.number, 0)
      LEFT JOIN retailers AS s ON s.tenant_id = $1 AND lower(s.uid) = lower(r.uid)
            AND s.uid_twin = coalesce(t.number, 0)
     WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.outcome IS NULL
), marked AS (
    -- The uid as it is stored: spreadsheets change case.
    UPDATE import_rows AS r SET uid = coalesce(j.stored_uid, j.uid), outcome = CASE
           WHEN j.error_code = 'superseded' THEN j.error_code WHEN j.error_code IS NOT NULL THEN 'failed' END
      FROM checked AS j
     WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.row_no = j.row_no
       AND (j.error_code IS NOT NULL OR j.stored_uid <> j.uid)
), logged AS (
    INSERT INTO import_errors (tenant_id, import_id, row_no, field, code, value, sheet_row)
    SELECT $1, $2, row_no, 'uid', error_code, uid, sheet_row FROM checked WHERE error_code <> 'superseded'
    UNION ALL
    -- A row with another error counts too: once corrected, it would overwrite the other row's retailer.
    SELECT $1, $2, r.row_no, 'uid', 'duplicate', r.uid, r.sheet_row
      FROM import_rows AS r
      LEFT JOIN twins AS t ON t.uid = r.uid
      JOIN repeated AS p ON p.key = lower(r.uid) AND p.twin = coalesce(t.number, 0)
     WHERE $5 = 'error' AND r.tenant_id = $1 AND r.import_id = $2 AND r.outcome = 'failed'
    ON CONFLICT DO NOTHING
)
SELECT count(*) FILTER (WHERE error_code IS NULL AND NOT known), count(*) FILTER (WHERE error_code IS NULL AND known AND differs),
       count(*) FILTER (WHERE error_code = 'superseded' OR error_code IS NULL AND known AND NOT differs),
       $13 - count(*) FILTER (WHERE coalesce(error_code, 'superseded') = 'superseded'),
       -- The foreign key checks run after this statement, row by row, and reuse their plans (docs/adr/0010).
       set_config('plan_cache_mode', 'auto', TRUE)
  FROM checked
